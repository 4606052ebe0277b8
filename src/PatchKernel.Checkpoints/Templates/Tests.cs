namespace PatchKernel.Templates;

/// <summary>What <c>a is b</c> asks, by name.</summary>
internal static class Tests
{
    private static readonly Dictionary<string, string> Marks = new (string Mark, string Names)[]
    {
        ("==", "== eq equalto"), ("!=", "!= ne"), ("<", "< lt lessthan"), ("<=", "<= le"), (">", "> gt greaterthan"), (">=", ">= ge"), ("in", "in"),
    }.SelectMany(entry => entry.Names.Split(' ').Select(name => (name, entry.Mark))).ToDictionary();

    private static readonly Dictionary<string, Func<object?, bool>> OfValue = new()
    {
        ["defined"] = value => value is not Undefined,
        ["undefined"] = value => value is Undefined,
        ["none"] = value => value is null,
        ["boolean"] = value => value is bool,
        ["true"] = value => value is true,
        ["false"] = value => value is false,
        ["integer"] = value => value is long,
        ["float"] = value => value is double,
        ["number"] = value => value is bool or long or double,
        ["string"] = value => value is string or SafeText,
        ["mapping"] = value => value is Dictionary,
        ["sequence"] = value => value is string or SafeText or Dictionary or Undefined or Sequence { Kind: not SequenceKind.View },
        ["iterable"] = value => value is string or SafeText or Dictionary or Undefined or Sequence or Generator or Loop,
        ["callable"] = value => value is Callable or Undefined or Loop,
        ["escaped"] = value => value is SafeText,
        ["lower"] = value => TextClasses.Is(Printing.Str(value), "islower"),
        ["upper"] = value => TextClasses.Is(Printing.Str(value), "isupper"),
        ["odd"] = value => Remainder(value, 2L) is 1L or 1.0,
        ["even"] = value => Remainder(value, 2L) is 0L or 0.0,
        ["filter"] = value => value is string name && Filters.IsOne(name),
        ["test"] = value => value is string name && IsOne(name),
    };

    /// <summary>Whether jinja2 has such a test.</summary>
    public static bool IsOne(string name) => OfValue.ContainsKey(name) || Marks.ContainsKey(name) || name is "sameas" or "divisibleby";

    /// <summary>Whether a value passes a test.</summary>
    /// <exception cref="TemplateError">There is no such test, or it fails.</exception>
    public static bool Run(string name, object? value, Arguments arguments, Rendering rendering)
    {
        if (OfValue.TryGetValue(name, out var test))
        {
            arguments.Bind($"test_{name}");
            if (name is "lower" or "upper") rendering.Take(Values.Size(value));
            return test(value);
        }
        if (!IsOne(name)) throw TemplateError.Failed($"No test named {Printing.Repr(name)}.");
        var other = arguments.Bind($"test_{name}", "other")[0];
        return name switch
        {
            "sameas" => IsSame(value, other),
            "divisibleby" => Remainder(value, other) is 0L or 0.0,
            _ => Compared.Holds(Marks[name], value, other, rendering),
        };
    }

    private static object? Remainder(object? value, object? by) => value is string
        ? throw TemplateError.Failed("not all arguments converted during string formatting")
        : Arithmetic.Remainder(value, by);

    private static bool IsSame(object? value, object? other) => (value, other) switch
    {
        (null, null) => true,
        (bool one, bool two) => one == two,
        (long one, long two) => one == two && (one is >= -5 and <= 256 ? true : throw TemplateError.Unsupported("the test \"sameas\" of numbers")),
        (string, string) or (double, double) => Comparison.AreEqual(value, other) ? throw TemplateError.Unsupported("the test \"sameas\" of texts and floats") : false,
        _ => ReferenceEquals(value, other),
    };
}
