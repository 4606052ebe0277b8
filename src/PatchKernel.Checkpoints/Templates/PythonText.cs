using System.Buffers;
using System.Globalization;
using System.Text;

namespace PatchKernel.Templates;

/// <summary>Texts as Python sees them: counted in characters, where .NET counts UTF-16 units, and with Python's ideas of white space and of case.</summary>
internal static class PythonText
{
    /// <summary>What Python calls white space.</summary>
    public static readonly SearchValues<char> Spaces = SearchValues.Create(
        [.. Enumerable.Range(0, char.MaxValue).Select(c => (char)c).Where(c => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f')]);

    /// <summary>Whether Python calls it white space.</summary>
    public static bool IsSpace(char c) => Spaces.Contains(c);

    /// <summary>Whether every unit is a character of its own.</summary>
    public static bool IsPlain(string text) => !text.AsSpan().ContainsAnyInRange('\ud800', '\udfff');

    /// <summary>Number of characters.</summary>
    public static int Length(string text)
    {
        if (IsPlain(text)) return text.Length;
        var length = 0;
        for (var i = 0; i < text.Length; i += Width(text, i)) length++;
        return length;
    }

    /// <summary>The characters, one text each.</summary>
    public static IReadOnlyList<object?> Characters(string text)
    {
        var characters = new List<object?>(text.Length);
        for (var i = 0; i < text.Length; i += Width(text, i)) characters.Add(text.Substring(i, Width(text, i)));
        return characters;
    }

    /// <summary>Where in a text its n-th character begins.</summary>
    public static int Offset(string text, int character)
    {
        if (IsPlain(text)) return character;
        var offset = 0;
        for (; character > 0; character--) offset += Width(text, offset);
        return offset;
    }

    /// <summary>Without white space or the given characters at either end.</summary>
    public static string Trim(string text, string? characters, bool start = true, bool end = true)
    {
        var (from, to) = (0, text.Length);
        if (characters is null)
        {
            while (start && from < to && IsSpace(text[from])) from++;
            while (end && to > from && IsSpace(text[to - 1])) to--;
            return text[from..to];
        }
        var set = Characters(characters).ToHashSet();
        while (start && from < to && set.Contains(text.Substring(from, Width(text, from)))) from += Width(text, from);
        while (end && to > from && set.Contains(text.Substring(to - WidthBefore(text, to), WidthBefore(text, to)))) to -= WidthBefore(text, to);
        return text[from..to];
    }

    /// <summary>Without white space at the end.</summary>
    public static string TrimEnd(string text) => Trim(text, null, start: false);

    /// <summary>In capitals; ß is two of them.</summary>
    public static string Upper(string text) => Mapped(text, (rune, _) => CaseTable.Upper(rune));

    /// <summary>In small letters, with the other sigma at a word's end.</summary>
    public static string Lower(string text) => Mapped(text, (rune, i) => rune.Value switch
    {
        'İ' => "i\u0307",
        'Σ' => IsFinalSigma(text, i) ? "ς" : "σ",
        _ => Rune.ToLowerInvariant(rune).ToString(),
    });

    /// <summary>The first character in its title form, the rest in small letters.</summary>
    public static string Capitalize(string text)
    {
        if (text.Length == 0) return text;
        _ = Rune.DecodeFromUtf16(text, out var first, out var width);
        return CaseTable.Title(first) + Lower(text)[Lower(text[..width]).Length..];
    }

    /// <summary>Each word's first letter in its title form, the rest in small ones; a word is whatever has case in a row.</summary>
    public static string Title(string text)
    {
        var inWord = false;
        return Mapped(text, (rune, i) =>
        {
            var (first, cased) = (!inWord, IsCased(rune));
            inWord = cased;
            return !cased ? rune.ToString() : first ? CaseTable.Title(rune) : Lower(text.Substring(i, rune.Utf16SequenceLength));
        });
    }

    /// <summary>Whether a character has case.</summary>
    public static bool IsCased(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
        || rune.Value is 0xaa or 0xba or (>= 0x2160 and <= 0x217f) or (>= 0x24b6 and <= 0x24e9);

    private static bool IsFinalSigma(string text, int at)
    {
        var before = text[..at].EnumerateRunes().Reverse().SkipWhile(IsIgnorable).Take(1).Any(IsCased);
        return before && !text[(at + 1)..].EnumerateRunes().SkipWhile(IsIgnorable).Take(1).Any(IsCased);
    }

    private static bool IsIgnorable(Rune rune) => rune.Value is '\'' or '.' or ':' or '·' or '’' || Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol;

    private static string Mapped(string text, Func<Rune, int, string> map)
    {
        var mapped = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out var width) == OperationStatus.Done) mapped.Append(map(rune, i));
            else mapped.Append(text[i]);
            i += width;
        }
        return mapped.ToString();
    }

    private static int Width(string text, int at) => char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;

    private static int WidthBefore(string text, int end) => end > 1 && char.IsLowSurrogate(text[end - 1]) && char.IsHighSurrogate(text[end - 2]) ? 2 : 1;
}
