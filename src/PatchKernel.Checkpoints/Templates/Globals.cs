using System.Globalization;

namespace PatchKernel.Templates;

/// <summary>The names that every template has: jinja2's own and transformers'.</summary>
internal static class Globals
{
    private const int LongestRange = 100_000; // jinja2's sandbox has the same

    private static readonly Dictionary<string, object?> All = new()
    {
        ["range"] = new Function(Range),
        ["dict"] = new Function((arguments, rendering) => Filled(new Dictionary(), arguments, rendering)),
        ["namespace"] = new Function((arguments, rendering) =>
        {
            var space = new Namespace();
            Filled(space.Attributes, arguments, rendering);
            return space;
        }),
        ["raise_exception"] = new Function((arguments, rendering) => throw new TemplateError(TemplateFault.Raised, Printing.Str(arguments.Bind("raise_exception", "message")[0], rendering))),
        ["strftime_now"] = new Function((arguments, rendering) => rendering.Taken(PythonTime.Format(rendering.Clock.GetLocalNow(), Values.Text(arguments.Bind("strftime_now", "format")[0])))),
        ["lipsum"] = Missing("lipsum"),
        ["cycler"] = Missing("cycler"),
        ["joiner"] = Missing("joiner"),
    };

    /// <summary>A name's value; null where there is none.</summary>
    public static object? Find(string name) => All.GetValueOrDefault(name);

    private static Function Missing(string name) => new((_, _) => throw TemplateError.Unsupported($"the function \"{name}\""));

    private static Dictionary Filled(Dictionary dictionary, Arguments arguments, Rendering rendering)
    {
        if (arguments.Places.Count > 1) throw TemplateError.Failed(FormattableString.Invariant($"dict expected at most 1 argument, got {arguments.Places.Count}"));
        foreach (var given in arguments.Places)
        {
            rendering.TakeEntries(Values.Size(given));
            if (Undefined.Defined(given) is Dictionary other)
                foreach (var (key, value) in other.Items) dictionary.Set(key, value);
            else
                foreach (var pair in Values.Iterate(given))
                {
                    var both = Values.List(pair, rendering);
                    if (both.Count != 2) throw TemplateError.Failed(FormattableString.Invariant($"dictionary update sequence element #{dictionary.Count} has length {both.Count}; 2 is required"));
                    dictionary.Set(both[0], both[1]);
                }
        }
        foreach (var (name, value) in arguments.Names) dictionary.Set(name, value);
        return dictionary;
    }

    private static Sequence Range(Arguments arguments, Rendering rendering)
    {
        var numbers = arguments.Places.Select(Values.Whole).ToList();
        if (numbers.Count is 0 or > 3 || arguments.Names.Count > 0) throw TemplateError.Failed(FormattableString.Invariant($"range expected 1 to 3 arguments, got {numbers.Count}"));
        var (start, stop, step) = numbers.Count == 1 ? (0, numbers[0], 1) : (numbers[0], numbers[1], numbers.Count == 3 ? numbers[2] : 1);
        if (step == 0) throw TemplateError.Failed("range() arg 3 must not be zero");
        var span = step > 0 ? (decimal)stop - start : (decimal)start - stop;
        var count = span <= 0 ? 0 : Math.Ceiling(span / Math.Abs((decimal)step));
        if (count > LongestRange) throw TemplateError.Failed("Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000).");
        rendering.TakeEntries((long)count);
        var name = string.Create(CultureInfo.InvariantCulture, $"range({start}, {stop}{(step == 1 ? "" : FormattableString.Invariant($", {step}"))})");
        return new([.. Enumerable.Range(0, (int)count).Select(i => (object?)(start + (i * step)))], SequenceKind.Range, name);
    }
}
