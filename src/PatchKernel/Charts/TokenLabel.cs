using System.Globalization;
using System.Text;

namespace PatchKernel;

/// <summary>Tokens as charts label them: in quotes and on one line, so that spaces and newlines are seen.</summary>
internal static class TokenLabel
{
    private const int Longest = 40;

    /// <summary>The token at a position: its text in quotes, or its id where there is no text.</summary>
    public static string At(Prompt prompt, int pos) =>
        prompt.Tokens is null ? prompt.Ids[pos].ToString(CultureInfo.InvariantCulture) : Quote(prompt.Tokens[pos]);

    /// <summary>The same, cut to what fits beside a chart.</summary>
    public static string ShortAt(Prompt prompt, int pos)
    {
        var label = At(prompt, pos);
        var elements = new StringInfo(label);
        return elements.LengthInTextElements <= Longest ? label : $"{elements.SubstringByTextElements(0, Longest - 2)}…\"";
    }

    /// <summary>The text in double quotes; what can't be seen, and quotes in it, are escaped.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
            quoted.Append(rune.Value switch
            {
                '\n' => @"\n",
                '\r' => @"\r",
                '\t' => @"\t",
                '"' => "\\\"",
                '\\' => @"\\",
                ' ' => " ",
                _ => Rune.GetUnicodeCategory(rune) switch
                {
                    UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator
                        or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => Escape(rune),
                    _ => rune.ToString(),
                },
            });
        return quoted.Append('"').ToString();
    }

    /// <summary>The character by its number, <c>\u00a0</c> or <c>\U0001f600</c>.</summary>
    public static string Escape(Rune rune) => rune.Value <= 0xffff ? $"\\u{rune.Value:x4}" : $"\\U{rune.Value:x8}";
}
