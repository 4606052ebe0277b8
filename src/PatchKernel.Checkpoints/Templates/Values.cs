using System.Runtime.CompilerServices;
using System.Text.Json;

namespace PatchKernel.Templates;

/// <summary>
/// Values of a template: null is None, then <c>bool</c>, <c>long</c>, <c>double</c>, <c>string</c>, <see cref="Sequence"/>, <see cref="Dictionary"/>,
/// <see cref="Generator"/>, <see cref="Namespace"/>, <see cref="Callable"/>, <see cref="Loop"/>, <see cref="SafeText"/> and <see cref="Undefined"/>.
/// </summary>
internal static class Values
{
    private const long MostValues = 2_000_000;

    /// <summary>Ends what nests so deep that the stack wouldn't hold.</summary>
    /// <exception cref="InsufficientExecutionStackException">It does.</exception>
    public static void CheckDepth() => RuntimeHelpers.EnsureSufficientExecutionStack();

    /// <summary>Python's name of a value's type.</summary>
    public static string TypeName(object? value) => value switch
    {
        null => "NoneType",
        bool => "bool",
        long => "int",
        double => "float",
        string => "str",
        Dictionary => "dict",
        Sequence { Kind: SequenceKind.View } view => view.Name,
        Sequence sequence => sequence.Kind switch { SequenceKind.Tuple => "tuple", SequenceKind.Range => "range", _ => "list" },
        Generator => "generator",
        Namespace => "Namespace",
        Loop => "LoopContext",
        Macro => "Macro",
        Callable => "builtin_function_or_method",
        SafeText => "Markup",
        _ => "Undefined",
    };

    /// <summary>What jinja2's errors call a value.</summary>
    public static string Described(object? value) => value switch
    {
        null => "None",
        Namespace => "jinja2.utils.Namespace object",
        Loop or Macro => $"jinja2.runtime.{TypeName(value)} object",
        _ => $"{TypeName(value)} object",
    };

    /// <summary>Whether Python takes a value for true.</summary>
    public static bool IsTrue(object? value) => value switch
    {
        null or Undefined => false,
        bool flag => flag,
        long number => number != 0,
        double number => number != 0,
        string text => text.Length > 0,
        SafeText text => text.Text.Length > 0,
        Sequence sequence => sequence.Items.Count > 0,
        Dictionary dictionary => dictionary.Count > 0,
        Loop loop => loop.Length > 0,
        _ => true,
    };

    /// <summary>The values that a loop goes through.</summary>
    /// <exception cref="TemplateError">It can't be gone through.</exception>
    public static IEnumerable<object?> Iterate(object? value) => value switch
    {
        Undefined => [],
        string text => PythonText.Characters(text),
        Sequence sequence => sequence.Items,
        Dictionary dictionary => dictionary.Keys,
        Generator generator => generator.Rest(),
        SafeText or Loop => throw TemplateError.Unsupported($"a loop through a {TypeName(value)}"),
        _ => throw TemplateError.Failed($"'{TypeName(value)}' object is not iterable"),
    };

    /// <summary>The same, all at once and counted.</summary>
    /// <exception cref="TemplateError">It can't be gone through, or is too long.</exception>
    public static List<object?> List(object? value, Rendering rendering)
    {
        if (value is string text) rendering.TakeEntries(text.Length * 2L);
        var list = new List<object?>();
        foreach (var item in Iterate(value))
        {
            rendering.TakeEntries(1);
            list.Add(item);
        }
        return list;
    }

    /// <summary>Python's len.</summary>
    /// <exception cref="TemplateError">It has no length.</exception>
    public static long Length(object? value) => value switch
    {
        Undefined => 0,
        string text => PythonText.Length(text),
        SafeText text => PythonText.Length(text.Text),
        Sequence sequence => sequence.Items.Count,
        Dictionary dictionary => dictionary.Count,
        Loop loop => loop.Length,
        _ => throw TemplateError.Failed($"object of type '{TypeName(value)}' has no len()"),
    };

    /// <summary>How long it takes to read a value once.</summary>
    public static long Size(object? value) => value switch { Sequence sequence => sequence.Size, Dictionary dictionary => dictionary.Size, string text => 1 + (text.Length / 256), _ => 1 };

    /// <summary>The size of something that gets one more value.</summary>
    /// <exception cref="TemplateError">It is too much: a list that holds a list twice, and so on, has no end.</exception>
    public static long Grown(long size, object? value) => size + Size(value) is var sum && sum <= MostValues
        ? sum
        : throw new TemplateError(TemplateFault.TooMuch, "it makes larger lists than any template should");

    /// <summary>A number as a double; true is 1.</summary>
    public static double Number(object? value) => value switch { long whole => whole, double number => number, true => 1, _ => 0 };

    /// <summary>Whether it is a whole number or true or false, which count as 1 and 0.</summary>
    public static bool IsWhole(object? value, out long whole)
    {
        whole = value switch { long number => number, true => 1, _ => 0 };
        return value is long or bool;
    }

    /// <summary>A whole number.</summary>
    /// <exception cref="TemplateError">It isn't one.</exception>
    public static long Whole(object? value) => IsWhole(Undefined.Defined(value), out var whole)
        ? whole
        : throw TemplateError.Failed($"'{TypeName(value)}' object cannot be interpreted as an integer");

    /// <summary>A text.</summary>
    /// <exception cref="TemplateError">It isn't one.</exception>
    public static string Text(object? value) => Undefined.Defined(value) as string ?? throw TemplateError.Failed($"expected str instance, {TypeName(value)} found");

    /// <summary>A value out of JSON.</summary>
    /// <exception cref="TemplateError">It has a whole number of more than 64 bits.</exception>
    public static object? Of(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => OfObject(json),
        JsonValueKind.Array => new Sequence([.. json.EnumerateArray().Select(Of)]),
        JsonValueKind.String => json.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => OfNumber(json),
        _ => null,
    };

    private static Dictionary OfObject(JsonElement json)
    {
        var dictionary = new Dictionary();
        foreach (var member in json.EnumerateObject()) dictionary.Set(member.Name, Of(member.Value));
        return dictionary;
    }

    private static object OfNumber(JsonElement json)
    {
        if (json.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') >= 0) return json.GetDouble();
        return json.TryGetInt64(out var whole) ? whole : throw TemplateError.Unsupported(Arithmetic.TooLarge);
    }
}
