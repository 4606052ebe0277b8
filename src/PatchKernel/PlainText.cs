using System.Globalization;

namespace PatchKernel;

/// <summary>Text from elsewhere on one line: nothing in it can move a terminal's cursor, set its title or turn the line around.</summary>
internal static class PlainText
{
    /// <summary>Line breaks and tabs become blanks; control characters and those that change the direction of text are written out, as <c>\u001b</c>.</summary>
    public static string Of(string text) => text.All(IsPlain) ? text : string.Concat(text.Select(Shown));

    private static string Shown(char c) => c switch
    {
        '\r' or '\n' or '\t' or '\u2028' or '\u2029' => " ",
        _ when IsPlain(c) => c.ToString(),
        _ => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
    };

    private static bool IsPlain(char c) =>
        !char.IsControl(c) && c is not ('\u2028' or '\u2029' or '\u200e' or '\u200f' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069'));
}
