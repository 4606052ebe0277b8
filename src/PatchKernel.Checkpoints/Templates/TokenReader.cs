using System.Globalization;
using System.Text;

namespace PatchKernel.Templates;

/// <summary>Reads one token inside a tag.</summary>
internal static class TokenReader
{
    private static readonly string[] Marks =
        ["//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";"];

    /// <summary>The token at a place, which isn't white space.</summary>
    /// <exception cref="TemplateError">There is none.</exception>
    public static Token Read(string source, int at, int line, out int length)
    {
        var first = source[at];
        if (char.IsAsciiDigit(first)) return Number(source, at, line, out length);
        if (IsWord(first)) return Name(source, at, line, out length);
        if (first is '"' or '\'') return Text(source, at, line, out length);
        foreach (var mark in Marks)
        {
            if (string.CompareOrdinal(source, at, mark, 0, mark.Length) != 0) continue;
            length = mark.Length;
            return new(TokenKind.Mark, mark, line);
        }
        throw new TemplateError(TemplateFault.Syntax, $"unexpected char {Printing.Repr(first.ToString())} at {at}", line);
    }

    private static bool IsWord(char c) => c == '_' || char.IsLetterOrDigit(c) || char.IsSurrogate(c) || char.GetUnicodeCategory(c) is UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    private static Token Name(string source, int at, int line, out int length)
    {
        var end = at;
        while (end < source.Length && (IsWord(source[end]) || char.GetUnicodeCategory(source[end]) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark)) end++;
        length = end - at;
        return new(TokenKind.Name, source[at..end], line);
    }

    private static Token Number(string source, int at, int line, out int length)
    {
        var end = at;
        var radix = source[at] == '0' && at + 1 < source.Length ? char.ToLowerInvariant(source[at + 1]) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 10 } : 10;
        if (radix != 10)
        {
            for (end += 2; end < source.Length && (source[end] == '_' || char.IsAsciiHexDigit(source[end])); end++) ;
            length = end - at;
            return new(TokenKind.Number, source[at..end], line, Whole(source[(at + 2)..end], radix, line));
        }
        void Digits()
        {
            while (end < source.Length && (char.IsAsciiDigit(source[end]) || (source[end] == '_' && Digit(end + 1)))) end++;
        }
        bool Digit(int i) => i < source.Length && char.IsAsciiDigit(source[i]);

        var isFloat = false;
        var afterDot = at > 0 && source[at - 1] == '.'; // messages.0.content is no float
        Digits();
        if (!afterDot && end < source.Length && source[end] == '.' && Digit(end + 1))
        {
            (isFloat, end) = (true, end + 1);
            Digits();
        }
        if (!afterDot && end < source.Length && source[end] is 'e' or 'E' && (Digit(end + 1) || (end + 1 < source.Length && source[end + 1] is '+' or '-' && Digit(end + 2))))
        {
            (isFloat, end) = (true, end + 2);
            Digits();
        }
        length = end - at;
        var text = source[at..end].Replace("_", "", StringComparison.Ordinal);
        return new(TokenKind.Number, text, line, isFloat ? double.Parse(text, CultureInfo.InvariantCulture) : (object)Whole(text, 10, line));
    }

    private static long Whole(string digits, int radix, int line)
    {
        var value = 0L;
        foreach (var c in digits.Where(c => c != '_'))
        {
            var digit = char.IsAsciiDigit(c) ? c - '0' : char.ToLowerInvariant(c) - 'a' + 10;
            if (digit >= radix) throw new TemplateError(TemplateFault.Syntax, $"'{c}' is no digit of such a number", line);
            if (value > (long.MaxValue - digit) / radix) throw new TemplateError(TemplateFault.Unsupported, Arithmetic.TooLarge, line);
            value = (value * radix) + digit;
        }
        return value;
    }

    private static Token Text(string source, int at, int line, out int length)
    {
        var end = at + 1;
        while (end < source.Length && source[end] != source[at]) end += source[end] == '\\' ? 2 : 1;
        if (end >= source.Length) throw new TemplateError(TemplateFault.Syntax, $"unexpected char {Printing.Repr(source[at].ToString())} at {at}", line);
        length = end + 1 - at;
        return new(TokenKind.Text, Unescaped(source[(at + 1)..end], line), line);
    }

    /// <summary>A text with its escapes resolved, as in Python; an escape that there isn't stays as it is.</summary>
    private static string Unescaped(string raw, int line)
    {
        if (!raw.Contains('\\', StringComparison.Ordinal)) return raw;
        var text = new StringBuilder(raw.Length);
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\')
            {
                text.Append(raw[i]);
                continue;
            }
            var escape = raw[++i];
            var simple = "\\'\"abfnrtv".IndexOf(escape, StringComparison.Ordinal);
            if (simple >= 0) text.Append("\\'\"\a\b\f\n\r\t\v"[simple]);
            else if (escape == '\n') continue;
            else if (escape is >= '0' and <= '7')
            {
                var digits = 1;
                while (digits < 3 && i + digits < raw.Length && raw[i + digits] is >= '0' and <= '7') digits++;
                text.Append((char)Convert.ToInt32(raw.Substring(i, digits), 8));
                i += digits - 1;
            }
            else if (escape is 'x' or 'u' or 'U') text.Append(ByCode(raw, ref i, escape, line));
            else if (escape == 'N') throw new TemplateError(TemplateFault.Unsupported, "a character by its name, \\N{…}", line);
            else text.Append('\\').Append(escape);
        }
        return text.ToString();
    }

    private static string ByCode(string raw, ref int i, char escape, int line)
    {
        var digits = escape switch { 'x' => 2, 'u' => 4, _ => 8 };
        var hex = raw.AsSpan(i + 1, Math.Min(digits, raw.Length - i - 1));
        if (hex.Length < digits || !int.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) || code is < 0 or > 0x10ffff)
            throw new TemplateError(TemplateFault.Syntax, $"truncated \\{escape}{new string('X', digits)} escape", line);
        i += digits;
        return code is >= 0xd800 and < 0xe000 ? ((char)code).ToString() : char.ConvertFromUtf32(code);
    }
}
