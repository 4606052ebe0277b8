namespace PatchKernel.Templates;

/// <summary>Python's operators on numbers, texts and lists.</summary>
internal static class Arithmetic
{
    /// <summary>What isn't supported about Python's whole numbers, which have no end.</summary>
    public const string TooLarge = "a whole number of more than 64 bits";

    /// <summary>One of the operators between two values.</summary>
    /// <exception cref="TemplateError">Python has no such operation.</exception>
    public static object? Binary(string mark, object? left, object? right, Rendering rendering)
    {
        if (mark == "%" && left is string format) return PercentFormat.Format(format, right, rendering);
        Undefined.Defined(left);
        Undefined.Defined(right);
        if (left is SafeText || right is SafeText) throw TemplateError.Unsupported($"the operator {mark} with a text that is marked safe");
        return Texts(mark, left, right, rendering) ?? Numbers(mark, left, right)
            ?? throw TemplateError.Failed($"unsupported operand type(s) for {(mark == "**" ? "** or pow()" : mark)}: '{Values.TypeName(left)}' and '{Values.TypeName(right)}'");
    }

    /// <summary>Plus or minus before a value.</summary>
    /// <exception cref="TemplateError">It is no number.</exception>
    public static object Unary(string mark, object? value) => Undefined.Defined(value) switch
    {
        double number => (object)(mark == "-" ? -number : number),
        _ when Values.IsWhole(value, out var whole) => mark == "+" ? whole : whole == long.MinValue ? throw TemplateError.Unsupported(TooLarge) : -whole,
        _ => throw TemplateError.Failed($"bad operand type for unary {mark}: '{Values.TypeName(value)}'"),
    };

    /// <summary>What is left of a number divided by another one.</summary>
    /// <exception cref="TemplateError">They are no numbers, or the other one is 0.</exception>
    public static object Remainder(object? value, object? by) => Numbers("%", Undefined.Defined(value), Undefined.Defined(by))
        ?? throw TemplateError.Failed($"unsupported operand type(s) for %: '{Values.TypeName(value)}' and '{Values.TypeName(by)}'");

    private static object? Texts(string mark, object? left, object? right, Rendering rendering)
    {
        switch (mark, left, right)
        {
            case ("+", string one, string other):
                rendering.Take((long)one.Length + other.Length);
                return one + other;
            case ("+", string, _): throw TemplateError.Failed($"can only concatenate str (not \"{Values.TypeName(right)}\") to str");
            case ("+", Sequence { Kind: SequenceKind.List or SequenceKind.Tuple } one, Sequence other) when one.Kind == other.Kind:
                rendering.TakeEntries((long)one.Items.Count + other.Items.Count);
                return one.With([.. one.Items, .. other.Items]);
            case ("+", Sequence { Kind: SequenceKind.List or SequenceKind.Tuple }, _):
                var name = Values.TypeName(left);
                throw TemplateError.Failed($"can only concatenate {name} (not \"{Values.TypeName(right)}\") to {name}");
            case ("*", string text, long or bool): return Repeated(text, Values.Whole(right), rendering);
            case ("*", long or bool, string text): return Repeated(text, Values.Whole(left), rendering);
            case ("*", Sequence { Kind: SequenceKind.List or SequenceKind.Tuple } sequence, long or bool): return Repeated(sequence, Values.Whole(right), rendering);
            case ("*", long or bool, Sequence { Kind: SequenceKind.List or SequenceKind.Tuple } sequence): return Repeated(sequence, Values.Whole(left), rendering);
            case ("*", string or Sequence, _): throw TemplateError.Failed($"can't multiply sequence by non-int of type '{Values.TypeName(right)}'");
            default: return null;
        }
    }

    private static string Repeated(string text, long times, Rendering rendering)
    {
        if (times <= 0 || text.Length == 0) return "";
        rendering.Take(times > int.MaxValue ? long.MaxValue : times * text.Length);
        return string.Concat(Enumerable.Repeat(text, (int)times));
    }

    private static Sequence Repeated(Sequence sequence, long times, Rendering rendering)
    {
        if (times <= 0 || sequence.Items.Count == 0) return sequence.With([]);
        rendering.TakeEntries(times > int.MaxValue ? int.MaxValue : times * sequence.Items.Count);
        return sequence.With([.. Enumerable.Repeat(sequence.Items, (int)times).SelectMany(items => items)]);
    }

    private static object? Numbers(string mark, object? left, object? right)
    {
        if (left is not (bool or long or double) || right is not (bool or long or double)) return null;
        if (!Values.IsWhole(left, out var one) || !Values.IsWhole(right, out var other)) return Floats(mark, Values.Number(left), Values.Number(right));
        try
        {
            return Wholes(mark, one, other);
        }
        catch (OverflowException)
        {
            throw TemplateError.Unsupported(TooLarge);
        }
    }

    private static object? Wholes(string mark, long one, long other) => mark switch
    {
        "+" => (object)checked(one + other), // each arm is boxed as it is: else all would be doubles
        "-" => checked(one - other),
        "*" => checked(one * other),
        "/" => other == 0 ? throw TemplateError.Failed("division by zero") : (double)one / other,
        "//" => other == 0 ? throw TemplateError.Failed("integer division or modulo by zero") : checked(one / other) - (one % other != 0 && (one < 0) != (other < 0) ? 1 : 0),
        "%" => other == 0 ? throw TemplateError.Failed("integer modulo by zero") : Modulo(one, other),
        "**" => other >= 0 ? (object)Power(one, other) : one == 0 ? throw TemplateError.Failed("0.0 cannot be raised to a negative power") : Math.Pow(one, other),
        _ => null,
    };

    private static object? Floats(string mark, double one, double other) => mark switch
    {
        "+" => one + other,
        "-" => one - other,
        "*" => one * other,
        "/" => other == 0 ? throw TemplateError.Failed("float division by zero") : one / other,
        "//" => other == 0 ? throw TemplateError.Failed("float floor division by zero") : Math.Floor((one - Modulo(one, other)) / other + 0.5),
        "%" => other == 0 ? throw TemplateError.Failed("float modulo") : Modulo(one, other),
        "**" => Power(one, other),
        _ => null,
    };

    private static long Modulo(long one, long other)
    {
        if (other == -1) return 0; // .NET fails for the lowest number
        var rest = one % other;
        return rest != 0 && (rest < 0) != (other < 0) ? rest + other : rest;
    }

    private static double Modulo(double one, double other)
    {
        var rest = one % other;
        if (rest != 0 && (rest < 0) != (other < 0)) return rest + other;
        return rest == 0 ? Math.CopySign(0, other) : rest;
    }

    private static double Power(double one, double other)
    {
        if (one == 0 && other < 0) throw TemplateError.Failed("0.0 cannot be raised to a negative power");
        if (one < 0 && other != Math.Floor(other)) throw TemplateError.Unsupported("a root of a number below 0");
        var power = Math.Pow(one, other);
        return double.IsInfinity(power) && double.IsFinite(one) && double.IsFinite(other) ? throw TemplateError.Failed("(34, 'Numerical result out of range')") : power;
    }

    private static long Power(long one, long other)
    {
        if (one is 0 or 1 || other == 0) return other == 0 ? 1 : one;
        if (one == -1) return other % 2 == 0 ? 1 : -1;
        var power = 1L;
        for (; other > 0; other--) power = checked(power * one); // overflows after 63 rounds at most
        return power;
    }
}
