using System.Globalization;
using System.Text;

namespace PatchKernel.Templates;

/// <summary>Python's <c>"…%s…" % values</c>.</summary>
internal static class PercentFormat
{
    private const int MostPlaces = 1000;

    /// <summary>A text with its places filled.</summary>
    /// <param name="format">The text.</param>
    /// <param name="values">A tuple of values, a dictionary of them, or one value.</param>
    /// <param name="rendering">Counts.</param>
    /// <exception cref="TemplateError">They don't fit, or a place has a form that isn't supported.</exception>
    public static string Format(string format, object? values, Rendering rendering)
    {
        var rest = new Queue<object?>(values is Sequence { Kind: SequenceKind.Tuple } tuple ? tuple.Items : [values]);
        var (text, usesNames) = (new StringBuilder(), false);
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                text.Append(format[i]);
                continue;
            }
            i++;
            var name = Name(format, ref i);
            usesNames |= name is not null;
            var (flags, width, precision) = Form(format, ref i);
            if (i >= format.Length) throw TemplateError.Failed("incomplete format");
            if (format[i] == '%') text.Append('%');
            else
            {
                var value = name is null ? Next(rest) : Named(values, name);
                var shown = One(format[i], value, precision, flags);
                rendering.Take(shown.Length + width);
                text.Append(Padded(shown, flags, width, isNumber: format[i] is not ('s' or 'r')));
            }
        }
        var mayBeLeft = values is Dictionary or Sequence { Kind: SequenceKind.List or SequenceKind.Range }; // Python takes what has entries for a dictionary
        if (!usesNames && rest.Count > 0 && !mayBeLeft) throw TemplateError.Failed("not all arguments converted during string formatting");
        return rendering.Taken(text.ToString());
    }

    /// <summary>A float with some digits behind the point, ties to even, as Python's %f and round do it.</summary>
    public static string Fixed(double number, int digits)
    {
        var exact = number.ToString($"F{digits + 60}", CultureInfo.InvariantCulture); // .NET writes all digits that there are
        var cut = exact.Length - 60;
        var kept = exact[..cut].TrimEnd('.');
        var rest = exact[cut..];
        var isTie = rest[0] == '5' && rest.AsSpan(1).IndexOfAnyExcept('0') < 0;
        return isTie && (kept[^1] - '0') % 2 == 0 ? kept : isTie ? AwayFromZero(kept) : number.ToString($"F{digits}", CultureInfo.InvariantCulture);
    }

    private static string AwayFromZero(string digits)
    {
        var text = digits.ToCharArray();
        for (var i = text.Length - 1; i >= 0; i--)
        {
            if (!char.IsAsciiDigit(text[i])) continue;
            if (text[i] != '9')
            {
                text[i]++;
                return new(text);
            }
            text[i] = '0';
        }
        return digits[0] == '-' ? $"-1{new string(text, 1, text.Length - 1)}" : $"1{new string(text)}";
    }

    private static string? Name(string format, ref int i)
    {
        if (i >= format.Length || format[i] != '(') return null;
        var end = format.IndexOf(')', i);
        if (end < 0) throw TemplateError.Failed("incomplete format key");
        var name = format[(i + 1)..end];
        i = end + 1;
        return name;
    }

    private static (string Flags, int Width, int? Precision) Form(string format, ref int i)
    {
        var start = i;
        while (i < format.Length && format[i] is '-' or '+' or ' ' or '0' or '#') i++;
        var flags = format[start..i];
        var width = Number(format, ref i);
        if (i >= format.Length || format[i] != '.') return (flags, width, null);
        i++;
        return (flags, width, Number(format, ref i));
    }

    private static int Number(string format, ref int i)
    {
        var number = 0;
        for (; i < format.Length && char.IsAsciiDigit(format[i]); i++)
            if ((number = (number * 10) + format[i] - '0') > MostPlaces) throw new TemplateError(TemplateFault.TooMuch, "it prints a number with more places than any template should");
        return number;
    }

    private static object? Next(Queue<object?> rest) => rest.Count > 0 ? rest.Dequeue() : throw TemplateError.Failed("not enough arguments for format string");

    private static object? Named(object? values, string name) =>
        values is not Dictionary dictionary ? throw TemplateError.Failed("format requires a mapping") : dictionary.TryGet(name, out var value) ? value : throw TemplateError.Failed(Printing.Repr(name));

    private static string One(char kind, object? value, int? precision, string flags)
    {
        switch (kind)
        {
            case 's': return Cut(Printing.Str(value), precision);
            case 'r': return Cut(Printing.Repr(value), precision);
            case 'd' or 'i' or 'u' or 'f' or 'F':
                Undefined.Defined(value);
                if (value is not (bool or long or double))
                    throw TemplateError.Failed(kind is 'f' or 'F' ? $"must be real number, not {Values.TypeName(value)}" : $"%{kind} format: a real number is required, not {Values.TypeName(value)}");
                var text = kind is 'f' or 'F' ? Fixed(Values.Number(value), precision ?? 6)
                    : value is double real ? Math.Truncate(real).ToString("F0", CultureInfo.InvariantCulture) : Values.Whole(value).ToString(CultureInfo.InvariantCulture);
                if (kind is not ('f' or 'F') && precision is { } digits) text = text[0] == '-' ? $"-{text[1..].PadLeft(digits, '0')}" : text.PadLeft(digits, '0');
                return text[0] == '-' ? text : flags.Contains('+', StringComparison.Ordinal) ? $"+{text}" : flags.Contains(' ', StringComparison.Ordinal) ? $" {text}" : text;
            default: throw TemplateError.Unsupported($"the format %{kind}");
        }
    }

    private static string Cut(string text, int? precision) => precision is { } most && most < PythonText.Length(text) ? text[..PythonText.Offset(text, most)] : text;

    private static string Padded(string text, string flags, int width, bool isNumber)
    {
        var missing = width - PythonText.Length(text);
        if (missing <= 0) return text;
        if (flags.Contains('-', StringComparison.Ordinal)) return text + new string(' ', missing);
        if (!isNumber || !flags.Contains('0', StringComparison.Ordinal)) return new string(' ', missing) + text;
        var sign = text[0] is '-' or '+' or ' ' ? 1 : 0;
        return text[..sign] + new string('0', missing) + text[sign..];
    }
}
