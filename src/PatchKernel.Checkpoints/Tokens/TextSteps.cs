using PatchKernel.Json;

namespace PatchKernel.Tokens;

/// <summary>What becomes of a text before its words are cut into tokens.</summary>
/// <param name="Normalizers">The steps that change it, in order.</param>
/// <param name="PreTokenizers">The steps that cut it into words, in order.</param>
internal sealed record TextSteps(IReadOnlyList<Normalizer> Normalizers, IReadOnlyList<PreTokenizer> PreTokenizers)
{
    private const int MostGrowth = 1000;

    /// <summary>The text as the vocabulary and the normalized added tokens spell it.</summary>
    public Piece Normalize(Piece text, Patience patience)
    {
        foreach (var step in Normalizers) text = step.Apply(text, patience);
        return text;
    }

    /// <summary>The words, which merges never cross; none is empty.</summary>
    public IReadOnlyList<Piece> Words(Piece text, Patience patience)
    {
        List<Piece> words = text.Text.Length == 0 ? [] : [text];
        foreach (var step in PreTokenizers)
        {
            var pieces = new List<Piece>(words.Count);
            foreach (var word in words) pieces.AddRange(step.Split(word, patience));
            words = pieces;
        }
        return words;
    }

    /// <summary>Whether a text's bytes are written as letters.</summary>
    public bool WritesByteLetters => Written("é").Contains(ByteAlphabet.FromText("é"), StringComparison.Ordinal);

    /// <summary>Whether a text is written otherwise where it begins than inside another.</summary>
    public bool MarkBeginnings => Written("aa") != Written("a") + Written("a") || Written("a a") != Written("a") + Written(" a");

    /// <summary>What a short text becomes, its words joined.</summary>
    public string Written(string text)
    {
        var patience = new Patience(text.Length);
        return string.Concat(Words(Normalize(new(text, IsFirst: true), patience), patience).Select(word => word.Text));
    }

    /// <summary>Refuses steps that together may make a text far longer than it is.</summary>
    public static void CheckGrowth(JsonPart root, string what, IEnumerable<int> growth)
    {
        var product = growth.Aggregate(1.0, (all, step) => all * step);
        if (product > MostGrowth) throw root.Error(FormattableString.Invariant($"its {what} may make a text {product:G2} times as long, and {MostGrowth} is the most that is believed"));
    }
}
