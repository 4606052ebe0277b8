namespace PatchKernel.Text;

/// <summary>How errors show what a file says: on one line, and no longer than a reader wants.</summary>
internal static class Excerpt
{
    private const int LongestText = 100;
    private const int LongestList = 10;
    private const int LongestListText = 600;

    /// <summary>A name or value out of a file, without line breaks and control characters, cut where it is long.</summary>
    public static string Text(string text) => PlainText.Of(text.Length <= LongestText ? text : text[..LongestText] + "…");

    /// <summary>A text, a number or a switch as JSON has it.</summary>
    public static string Value(object value) => value switch
    {
        string text => $"\"{Text(text)}\"",
        bool on => on ? "true" : "false",
        _ => FormattableString.Invariant($"{value}"),
    };

    /// <summary>The first line of what somebody else's exception says, without its full stop.</summary>
    public static string Reason(Exception e) => PlainText.Of(e.Message.Split('\n')[0].TrimEnd('.', '\r', ' '));

    /// <summary><c>1 byte</c>, <c>2 bytes</c>.</summary>
    public static string Count(long count, string unit) => FormattableString.Invariant($"{count} {unit}{(count == 1 ? "" : "s")}");

    /// <summary><c>[2, 3]</c>, as PyTorch prints a shape.</summary>
    public static string Shape(IReadOnlyList<long> shape) => Text($"[{string.Join(", ", shape)}]");

    /// <summary>The first ten, or fewer where they are long, and how many more there are.</summary>
    public static string List<T>(IReadOnlyCollection<T> items, Func<T, string> describe)
    {
        var (shown, length) = (new List<string>(), 0);
        foreach (var text in items.Take(LongestList).Select(describe))
        {
            length += text.Length;
            if (length > LongestListText) break;
            shown.Add(text);
        }
        return string.Join(", ", shown) + (items.Count > shown.Count ? $" and {items.Count - shown.Count} more" : "");
    }
}
