using System.Globalization;

namespace PatchKernel.Templates;

/// <summary>Filters of numbers and of any value.</summary>
internal static class ValueFilters
{
    private const int MostDigits = 300;

    /// <summary>The filters by name.</summary>
    public static IReadOnlyDictionary<string, Filters.Apply> All { get; } = new Dictionary<string, Filters.Apply>
    {
        ["default"] = Default,
        ["d"] = Default,
        ["tojson"] = (value, arguments, rendering) => PythonJson.Dump(value, arguments.Bind("tojson", "ensure_ascii", "indent", "separators", "sort_keys"), rendering),
        ["safe"] = (value, arguments, rendering) =>
        {
            arguments.Bind("do_mark_safe");
            return new SafeText(Printing.Str(value, rendering));
        },
        ["attr"] = (value, arguments, _) => Attribute(value, Values.Text(arguments.Bind("do_attr", "name")[0])),
        ["abs"] = Absolute,
        ["int"] = Whole,
        ["float"] = Real,
        ["round"] = Round,
    };

    private static object? Default(object? value, Arguments arguments, Rendering rendering)
    {
        var bound = arguments.Bind("do_default", "default_value", "boolean");
        return value is Undefined || (Values.IsTrue(bound.Or(1, false)) && !Values.IsTrue(value)) ? bound.Or(0, "") : value;
    }

    /// <summary>An attribute alone: an entry of that name doesn't count.</summary>
    private static object? Attribute(object? value, string name)
    {
        Undefined.Defined(value);
        var found = Access.Attribute(value, name);
        return found is not Callable && value is Dictionary dictionary && dictionary.TryGet(name, out _) ? Undefined.Of(value, name) : found;
    }

    private static object Absolute(object? value, Arguments arguments, Rendering rendering)
    {
        arguments.Bind("abs");
        return Undefined.Defined(value) switch
        {
            double number => (object)Math.Abs(number),
            _ when Values.IsWhole(value, out var whole) => whole < 0 ? Arithmetic.Unary("-", whole) : whole,
            _ => throw TemplateError.Failed($"bad operand type for abs(): '{Values.TypeName(value)}'"),
        };
    }

    private static object? Whole(object? value, Arguments arguments, Rendering rendering)
    {
        var bound = arguments.Bind("do_int", "default", "base");
        if (Undefined.Defined(value) is string text)
        {
            if (Values.Whole(bound.Or(1, 10L)) != 10) throw TemplateError.Unsupported("the filter \"int\" with a base");
            if (Digits(text) is { } digits)
                return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed) ? parsed : throw TemplateError.Unsupported(Arithmetic.TooLarge);
        }
        if (Values.IsWhole(value, out var whole)) return whole;
        if (Float(value) is not { } number || !double.IsFinite(number)) return bound.Or(0, 0L);
        return Math.Abs(number) < 9e18 ? (long)Math.Truncate(number) : throw TemplateError.Unsupported(Arithmetic.TooLarge);
    }

    private static object? Real(object? value, Arguments arguments, Rendering rendering)
    {
        var bound = arguments.Bind("do_float", "default");
        return Float(Undefined.Defined(value)) is { } number ? number : bound.Or(0, 0.0);
    }

    /// <summary>The digits of a whole number in a text, as Python's int reads it; null where it is none.</summary>
    private static string? Digits(string text)
    {
        var trimmed = PythonText.Trim(text, null);
        var body = trimmed.TrimStart('+', '-');
        if (trimmed.Length - body.Length > 1 || body.Length == 0 || body.StartsWith('_') || body.EndsWith('_') || body.Contains("__", StringComparison.Ordinal)) return null;
        return body.All(c => char.IsAsciiDigit(c) || c == '_') ? trimmed.Replace("_", "", StringComparison.Ordinal) : null;
    }

    private static double? Float(object? value)
    {
        if (value is bool or long or double) return Values.Number(value);
        if (value is not string text) return null;
        var trimmed = PythonText.Trim(text, null);
        switch (trimmed.ToLowerInvariant().TrimStart('+', '-'))
        {
            case "inf" or "infinity": return trimmed[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            case "nan": return double.NaN;
        }
        return trimmed.All(c => char.IsAsciiDigit(c) || c is '.' or 'e' or 'E' or '+' or '-') && double.TryParse(trimmed, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private static object Round(object? value, Arguments arguments, Rendering rendering)
    {
        var bound = arguments.Bind("do_round", "precision", "method");
        var digits = (int)Math.Clamp(Values.Whole(bound.Or(0, 0L)), -MostDigits, MostDigits);
        if (bound.Or(1, "common") is not ("common" or "ceil" or "floor")) throw TemplateError.Failed("method must be common, ceil or floor");
        if (Undefined.Defined(value) is not (bool or long or double)) throw TemplateError.Failed($"type {Values.TypeName(value)} doesn't define __round__ method");
        if (bound.Or(1, "common") is "common")
        {
            if (Values.IsWhole(value, out var whole)) return digits >= 0 ? whole : RoundedWhole(whole, -digits);
            var real = Values.Number(value);
            if (digits < 0) throw TemplateError.Unsupported("the filter \"round\" of a float to tens");
            return double.IsFinite(real) ? double.Parse(PercentFormat.Fixed(real, digits), CultureInfo.InvariantCulture) : real;
        }
        var power = Math.Pow(10, digits);
        var scaled = Values.Number(value) * power;
        return (bound.Or(1, null) is "ceil" ? Math.Ceiling(scaled) : Math.Floor(scaled)) / power;
    }

    private static long RoundedWhole(long whole, int digits)
    {
        if (digits > 18) return 0;
        var power = (decimal)Math.Pow(10, digits);
        return (long)(Math.Round(whole / power, MidpointRounding.ToEven) * power);
    }
}
