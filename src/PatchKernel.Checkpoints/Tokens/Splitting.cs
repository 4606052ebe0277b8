namespace PatchKernel.Tokens;

/// <summary>What a pre-tokenizer does with its matches.</summary>
internal enum SplitBehaviour
{
    /// <summary>Each match is a piece.</summary>
    Isolated,

    /// <summary>Matches are dropped.</summary>
    Removed,

    /// <summary>Neighbouring matches are one piece.</summary>
    Contiguous,

    /// <summary>A match ends the piece before it.</summary>
    MergedWithPrevious,

    /// <summary>A match begins the piece after it.</summary>
    MergedWithNext,
}

/// <summary>Cuts a piece at matches.</summary>
/// <param name="Matches">Where they are, ascending.</param>
/// <param name="Behaviour">What becomes of them.</param>
/// <param name="Invert">What lies between the matches counts as matches.</param>
internal sealed record Splitting(
    Func<string, Patience, IEnumerable<(int Start, int End)>> Matches, SplitBehaviour Behaviour = SplitBehaviour.Isolated, bool Invert = false)
{
    private readonly record struct Place(int Start, int End, bool IsMatch);

    /// <summary>The pieces; none is empty.</summary>
    /// <exception cref="System.Text.RegularExpressions.RegexMatchTimeoutException">There is no patience left.</exception>
    public IEnumerable<Piece> Split(Piece piece, Patience patience) =>
        Apply(Places(piece.Text, patience)).Where(place => place.End > place.Start).Select(place => piece.Part(place.Start, place.End));

    private List<Place> Places(string text, Patience patience)
    {
        var places = new List<Place>();
        var end = 0;
        foreach (var match in Matches(text, patience))
        {
            if (match.Start > end) places.Add(new(end, match.Start, Invert));
            places.Add(new(match.Start, match.End, !Invert));
            end = match.End;
        }
        if (text.Length > end) places.Add(new(end, text.Length, Invert));
        return places;
    }

    private IEnumerable<Place> Apply(List<Place> places) => Behaviour switch
    {
        SplitBehaviour.Removed => places.Where(place => !place.IsMatch),
        SplitBehaviour.Contiguous => Join(places, (left, right) => left.IsMatch == right.IsMatch),
        SplitBehaviour.MergedWithPrevious => Join(places, (left, right) => right.IsMatch && !left.IsMatch),
        SplitBehaviour.MergedWithNext => Join(places, (left, right) => left.IsMatch && !right.IsMatch),
        _ => places,
    };

    /// <summary>Joins neighbours, judged as they were before any joining.</summary>
    private static IEnumerable<Place> Join(List<Place> places, Func<Place, Place, bool> belongTogether)
    {
        for (var first = 0; first < places.Count;)
        {
            var last = first;
            while (last + 1 < places.Count && belongTogether(places[last], places[last + 1])) last++;
            yield return places[first] with { End = places[last].End };
            first = last + 1;
        }
    }
}
