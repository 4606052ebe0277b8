namespace PatchKernel.Templates;

/// <summary>Filters that go through a list with another filter, a test or an attribute.</summary>
internal static class ChoiceFilters
{
    /// <summary>The filters by name.</summary>
    public static IReadOnlyDictionary<string, Filters.Apply> All { get; } = new Dictionary<string, Filters.Apply>
    {
        ["map"] = Map,
        ["select"] = (value, arguments, rendering) => Choose(value, arguments, rendering, keeps: true, byAttribute: false),
        ["reject"] = (value, arguments, rendering) => Choose(value, arguments, rendering, keeps: false, byAttribute: false),
        ["selectattr"] = (value, arguments, rendering) => Choose(value, arguments, rendering, keeps: true, byAttribute: true),
        ["rejectattr"] = (value, arguments, rendering) => Choose(value, arguments, rendering, keeps: false, byAttribute: true),
        ["unique"] = Unique,
        ["min"] = (value, arguments, rendering) => Extreme(value, arguments, rendering, -1),
        ["max"] = (value, arguments, rendering) => Extreme(value, arguments, rendering, 1),
    };

    private static Generator Map(object? value, Arguments arguments, Rendering rendering)
    {
        if (!Values.IsTrue(value)) return new Generator([]);
        if (arguments.Places.Count == 0 && arguments.Names.Any(entry => entry.Name == "attribute"))
        {
            var bound = arguments.Bind("map", "attribute", "default");
            return Generated(value, Getter.Of(bound[0], rendering, bound.Or(1, null)), rendering);
        }
        if (arguments.Places.Count == 0) throw TemplateError.Failed("map requires a filter argument");
        var (name, rest) = (Values.Text(arguments.Places[0]), arguments.Skip(1));
        return Generated(value, item => Filters.Run(name, item, rest, rendering), rendering);
    }

    private static Generator Generated(object? value, Func<object?, object?> map, Rendering rendering) => new(Values.Iterate(value).Select(item =>
    {
        rendering.Step();
        return map(item);
    }));

    private static Generator Choose(object? value, Arguments arguments, Rendering rendering, bool keeps, bool byAttribute)
    {
        if (!Values.IsTrue(value)) return new Generator([]);
        if (byAttribute && arguments.Places.Count == 0) throw TemplateError.Failed("Missing parameter for attribute name");
        var attribute = byAttribute ? Getter.Of(arguments.Places[0], rendering) : item => item;
        var rest = arguments.Skip(byAttribute ? 1 : 0);
        return new Generator(Values.Iterate(value).Where(item =>
        {
            rendering.Step();
            return Passes(attribute(item), rest, rendering) == keeps;
        }));
    }

    private static bool Passes(object? value, Arguments test, Rendering rendering) => test.Places.Count == 0
        ? Values.IsTrue(value)
        : Tests.Run(Values.Text(test.Places[0]), value, test.Skip(1), rendering);

    private static Generator Unique(object? value, Arguments arguments, Rendering rendering)
    {
        var bound = arguments.Bind("do_unique", "case_sensitive", "attribute");
        var key = Getter.Of(bound.Or(1, null), rendering, ignoresCase: !Values.IsTrue(bound.Or(0, false)));
        var seen = new HashSet<Key>();
        return new Generator(Values.Iterate(value).Where(item =>
        {
            rendering.TakeEntries(4);
            var found = key(item);
            rendering.Step(Values.Size(found));
            return seen.Add(Key.Of(found));
        }));
    }

    private static object? Extreme(object? value, Arguments arguments, Rendering rendering, int sign)
    {
        var bound = arguments.Bind(sign < 0 ? "do_min" : "do_max", "case_sensitive", "attribute");
        var key = Getter.Of(bound.Or(1, null), rendering, ignoresCase: !Values.IsTrue(bound.Or(0, false)));
        var items = Values.List(value, rendering);
        if (items.Count == 0) return new Undefined("No aggregated item, sequence was empty.");
        var best = items[0];
        foreach (var item in items.Skip(1))
        {
            rendering.Step(Values.Size(item));
            if (Math.Sign(Comparison.Order(key(item), key(best), sign < 0 ? "<" : ">")) == sign) best = item;
        }
        return best;
    }
}
