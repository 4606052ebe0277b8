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

/// <summary>One step that cuts text into the pieces which byte-pair encoding never crosses.</summary>
/// <param name="Pattern">What it looks for; null where it doesn't split.</param>
/// <param name="Behaviour">What becomes of the matches.</param>
/// <param name="Invert">What lies between the matches counts as matches.</param>
/// <param name="AddPrefixSpace">A piece that doesn't begin with a space gets one.</param>
internal sealed record PreTokenizer(
    SplitPattern? Pattern, SplitBehaviour Behaviour = SplitBehaviour.Isolated, bool Invert = false, bool AddPrefixSpace = false)
{
    private readonly record struct Piece(int Start, int End, bool IsMatch);

    /// <summary>Splits a text into pieces; none is empty.</summary>
    /// <exception cref="System.Text.RegularExpressions.RegexMatchTimeoutException">There is no patience left.</exception>
    public IEnumerable<string> Split(string text, Patience patience)
    {
        if (text.Length == 0) return [];
        if (AddPrefixSpace && text[0] != ' ') text = " " + text;
        if (Pattern is null) return [text];
        return Apply(Pieces(text, patience)).Where(piece => piece.End > piece.Start).Select(piece => text[piece.Start..piece.End]);
    }

    private List<Piece> Pieces(string text, Patience patience)
    {
        var pieces = new List<Piece>();
        var end = 0;
        foreach (var match in Pattern!.Matches(text, patience))
        {
            if (match.Start > end) pieces.Add(new(end, match.Start, Invert));
            pieces.Add(new(match.Start, match.End, !Invert));
            end = match.End;
        }
        if (text.Length > end) pieces.Add(new(end, text.Length, Invert));
        return pieces;
    }

    private IEnumerable<Piece> Apply(List<Piece> pieces) => Behaviour switch
    {
        SplitBehaviour.Removed => pieces.Where(piece => !piece.IsMatch),
        SplitBehaviour.Contiguous => Join(pieces, (left, right) => left.IsMatch == right.IsMatch),
        SplitBehaviour.MergedWithPrevious => Join(pieces, (left, right) => right.IsMatch && !left.IsMatch),
        SplitBehaviour.MergedWithNext => Join(pieces, (left, right) => left.IsMatch && !right.IsMatch),
        _ => pieces,
    };

    /// <summary>Joins neighbours, judged as they were before any joining.</summary>
    private static IEnumerable<Piece> Join(List<Piece> pieces, Func<Piece, Piece, bool> belongTogether)
    {
        for (var first = 0; first < pieces.Count;)
        {
            var last = first;
            while (last + 1 < pieces.Count && belongTogether(pieces[last], pieces[last + 1])) last++;
            yield return pieces[first] with { End = pieces[last].End };
            first = last + 1;
        }
    }
}
