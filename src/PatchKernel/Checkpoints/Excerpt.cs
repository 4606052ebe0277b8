namespace PatchKernel;

/// <summary>How errors show what a file says: on one line, and no longer than a reader wants.</summary>
internal static class Excerpt
{
    private const int LongestText = 100;
    private const int LongestList = 10;

    /// <summary>A name or value out of a file, without line breaks and control characters, cut where it is long.</summary>
    public static string Text(string text)
    {
        var shown = text.Length <= LongestText ? text : text[..LongestText] + "…";
        return string.Concat(shown.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c));
    }

    /// <summary><c>[2, 3]</c>, as PyTorch prints a shape.</summary>
    public static string Shape(IReadOnlyList<long> shape) => Text($"[{string.Join(", ", shape)}]");

    /// <summary>The first ten, and how many more there are.</summary>
    public static string List(IReadOnlyList<string> items) =>
        string.Join(", ", items.Take(LongestList)) + (items.Count > LongestList ? $" and {items.Count - LongestList} more" : "");
}
