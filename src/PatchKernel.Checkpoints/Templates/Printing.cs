using System.Globalization;
using System.Text;

namespace PatchKernel.Templates;

/// <summary>Values as Python prints them.</summary>
internal static class Printing
{
    /// <summary>Python's str.</summary>
    public static string Str(object? value) => value switch
    {
        string text => text,
        SafeText text => text.Text,
        Undefined => "",
        _ => Repr(value),
    };

    /// <summary>Python's repr.</summary>
    public static string Repr(object? value)
    {
        var text = new StringBuilder();
        Write(text, value, null);
        return text.ToString();
    }

    /// <summary>Python's str of a value that may be long: it is counted while it grows.</summary>
    public static string Str(object? value, Rendering rendering)
    {
        if (value is string or SafeText or Undefined) return Str(value);
        var text = new StringBuilder();
        Write(text, value, rendering);
        return text.ToString();
    }

    /// <summary>A float as Python prints it: the fewest digits that are read back as it, with an exponent from 1e16 on and below 1e-4.</summary>
    public static string Float(double number)
    {
        if (double.IsNaN(number)) return "nan";
        if (double.IsInfinity(number)) return number > 0 ? "inf" : "-inf";
        var shortest = number.ToString("E16", CultureInfo.InvariantCulture);
        for (var digits = 0; digits < 16; digits++)
        {
            var candidate = number.ToString($"E{digits}", CultureInfo.InvariantCulture);
            if (double.Parse(candidate, CultureInfo.InvariantCulture) != number) continue;
            shortest = candidate;
            break;
        }
        var mark = shortest.IndexOf('E', StringComparison.Ordinal);
        var (sign, exponent) = (shortest[0] == '-' ? "-" : "", int.Parse(shortest[(mark + 1)..], CultureInfo.InvariantCulture));
        var mantissa = shortest[..mark].TrimStart('-').Replace(".", "", StringComparison.Ordinal).TrimEnd('0');
        if (mantissa.Length == 0) return $"{sign}0.0";
        if (exponent is < -4 or >= 16)
            return string.Create(CultureInfo.InvariantCulture, $"{sign}{mantissa[0]}{(mantissa.Length > 1 ? "." : "")}{mantissa[1..]}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
        if (exponent < 0) return $"{sign}0.{new string('0', -exponent - 1)}{mantissa}";
        if (mantissa.Length <= exponent + 1) return $"{sign}{mantissa.PadRight(exponent + 1, '0')}.0";
        return $"{sign}{mantissa[..(exponent + 1)]}.{mantissa[(exponent + 1)..]}";
    }

    private static void Write(StringBuilder text, object? value, Rendering? rendering)
    {
        Values.CheckDepth();
        rendering?.Take(4);
        var before = text.Length;
        switch (value)
        {
            case Sequence { Kind: SequenceKind.Range } range: text.Append(range.Name); break;
            case Sequence sequence: WriteSequence(text, sequence, rendering); return;
            case Dictionary dictionary: WriteDictionary(text, dictionary, rendering); return;
            case Namespace space:
                text.Append("<Namespace ");
                WriteDictionary(text, space.Attributes, rendering);
                text.Append('>');
                return;
            default: text.Append(Plain(value)); break;
        }
        rendering?.Take(text.Length - before);
    }

    private static string Plain(object? value) => value switch
    {
        null => "None",
        bool flag => flag ? "True" : "False",
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => Float(number),
        string quoted => Quoted(quoted),
        Undefined => "Undefined",
        Macro macro => $"<Macro {(macro.Name is null ? "anonymous" : Quoted(macro.Name))}>",
        Loop loop => string.Create(CultureInfo.InvariantCulture, $"<LoopContext {loop.Index}/{loop.Length}>"),
        _ => throw TemplateError.Unsupported($"printing a {Values.TypeName(value)}"), // Python prints where it lies in memory
    };

    private static void WriteSequence(StringBuilder text, Sequence sequence, Rendering? rendering)
    {
        if (sequence.Kind == SequenceKind.View) text.Append(sequence.Name).Append('(');
        text.Append(sequence.Kind == SequenceKind.Tuple ? '(' : '[');
        for (var i = 0; i < sequence.Items.Count; i++)
        {
            if (i > 0) text.Append(", ");
            Write(text, sequence.Items[i], rendering);
        }
        if (sequence is { Kind: SequenceKind.Tuple, Items.Count: 1 }) text.Append(',');
        text.Append(sequence.Kind == SequenceKind.Tuple ? ')' : ']');
        if (sequence.Kind == SequenceKind.View) text.Append(')');
    }

    private static void WriteDictionary(StringBuilder text, Dictionary dictionary, Rendering? rendering)
    {
        text.Append('{');
        var isFirst = true;
        foreach (var (key, value) in dictionary.Items)
        {
            if (!isFirst) text.Append(", ");
            isFirst = false;
            Write(text, key, rendering);
            text.Append(": ");
            Write(text, value, rendering);
        }
        text.Append('}');
    }

    private static string Quoted(string value)
    {
        var quote = value.Contains('\'', StringComparison.Ordinal) && !value.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        var text = new StringBuilder(value.Length + 2).Append(quote);
        foreach (var rune in value.EnumerateRunes())
            text.Append(rune.Value switch
            {
                '\\' => @"\\",
                '\n' => @"\n",
                '\r' => @"\r",
                '\t' => @"\t",
                _ when rune.Value == quote => $@"\{quote}",
                _ when IsPrintable(rune) => rune.ToString(),
                < 0x100 => $@"\x{rune.Value:x2}",
                < 0x10000 => $@"\u{rune.Value:x4}",
                _ => $@"\U{rune.Value:x8}",
            });
        return text.Append(quote).ToString();
    }

    /// <summary>Whether Python prints a character as it is.</summary>
    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
