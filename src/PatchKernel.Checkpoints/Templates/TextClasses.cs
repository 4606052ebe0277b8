using System.Globalization;
using System.Text;

namespace PatchKernel.Templates;

/// <summary>What Python's isalpha and the like say of a text.</summary>
internal static class TextClasses
{
    /// <summary>The answer of one of them.</summary>
    public static bool Is(string text, string name) => name switch
    {
        "isupper" => HasCase(text, UnicodeCategory.LowercaseLetter),
        "islower" => HasCase(text, UnicodeCategory.UppercaseLetter),
        _ => text.Length > 0 && text.EnumerateRunes().All(rune => IsOf(rune, name)),
    };

    /// <summary>Whether there are letters with case, and none of the other case.</summary>
    private static bool HasCase(string text, UnicodeCategory other)
    {
        var found = false;
        foreach (var rune in text.EnumerateRunes().Where(PythonText.IsCased))
        {
            if (Rune.GetUnicodeCategory(rune) is var category && (category == other || category == UnicodeCategory.TitlecaseLetter)) return false;
            found = true;
        }
        return found;
    }

    private static bool IsOf(Rune rune, string name)
    {
        var category = Rune.GetUnicodeCategory(rune);
        var (isLetter, isDecimal) = (Rune.IsLetter(rune), category == UnicodeCategory.DecimalDigitNumber);
        var value = Rune.GetNumericValue(rune);
        var isDigit = isDecimal || (category == UnicodeCategory.OtherNumber && value is >= 0 and <= 9 && value == Math.Floor(value) && CharUnicodeInfo.GetDigitValue(rune.ToString(), 0) >= 0);
        var isNumeric = isDigit || value >= 0;
        return name switch { "isalpha" => isLetter, "isdecimal" => isDecimal, "isdigit" => isDigit, "isnumeric" => isNumeric, _ => isLetter || isNumeric };
    }
}
