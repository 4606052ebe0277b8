using System.Globalization;

namespace PatchKernel.Text;

/// <summary>Text from elsewhere on one line: nothing in it can move a terminal's cursor, set its title or turn the line around.</summary>
internal static class PlainText
{
    private const int LongestSentence = 2000;
    private const int ShownBegin = 1200, ShownEnd = 600;

    /// <summary>Line breaks and tabs become blanks; control characters and those that change the direction of text are written out, as <c>\u001b</c>.</summary>
    public static string Of(string text) => text.All(IsPlain) ? text : string.Concat(text.Select(Shown));

    /// <summary>The same of a text whose lines stay.</summary>
    public static string Lines(string text) => text.All(c => c == '\n' || IsPlain(c)) ? text : string.Join('\n', text.Split('\n').Select(Of));

    /// <summary>The same, without the middle of what is longer than anybody reads: a name in a file may have a million letters.</summary>
    public static string Sentence(string text)
    {
        var plain = Of(text);
        return plain.Length <= LongestSentence ? plain : $"{plain[..ShownBegin]} … {plain[^ShownEnd..]}";
    }

    private static string Shown(char c) => c switch
    {
        '\r' or '\n' or '\t' or '\u2028' or '\u2029' => " ",
        _ when IsPlain(c) => c.ToString(),
        _ => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
    };

    private static bool IsPlain(char c) =>
        !char.IsControl(c) && c is not ('\u2028' or '\u2029' or '\u200e' or '\u200f' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069'));
}
