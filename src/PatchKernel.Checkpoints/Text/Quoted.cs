using System.Globalization;
using System.Text;

namespace PatchKernel.Text;

/// <summary>Texts in quotes on one line: white space stays visible.</summary>
internal static class Quoted
{
    /// <summary>The text in double quotes; what can't be seen, and quotes in it, are escaped.</summary>
    public static string Text(string text)
    {
        var quoted = new StringBuilder("\"", text.Length + 2);
        foreach (var rune in text.EnumerateRunes())
            quoted.Append(rune.Value switch
            {
                ' ' => " ",
                '\n' => @"\n",
                '\r' => @"\r",
                '\t' => @"\t",
                '"' => @"\""",
                '\\' => @"\\",
                _ when IsInvisible(rune) => rune.Value <= 0xffff ? $@"\u{rune.Value:x4}" : $@"\U{rune.Value:x8}",
                _ => rune.ToString(),
            });
        return quoted.Append('"').ToString();
    }

    private static bool IsInvisible(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
}
