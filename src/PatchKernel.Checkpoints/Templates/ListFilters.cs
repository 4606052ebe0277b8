namespace PatchKernel.Templates;

/// <summary>Filters of lists and dictionaries.</summary>
internal static class ListFilters
{
    /// <summary>The filters by name.</summary>
    public static IReadOnlyDictionary<string, Filters.Apply> All { get; } = new Dictionary<string, Filters.Apply>
    {
        ["length"] = (value, arguments, _) => Length(value, arguments),
        ["count"] = (value, arguments, _) => Length(value, arguments),
        ["list"] = (value, arguments, rendering) =>
        {
            arguments.Bind("do_list");
            return new Sequence(Values.List(value, rendering));
        },
        ["first"] = First,
        ["last"] = Last,
        ["join"] = Join,
        ["reverse"] = Reverse,
        ["items"] = Items,
        ["sort"] = Sort,
        ["dictsort"] = DictionarySort,
        ["groupby"] = GroupBy,
        ["batch"] = Batch,
        ["slice"] = Slice,
        ["sum"] = Sum,
    };

    private static long Length(object? value, Arguments arguments)
    {
        arguments.Bind("len");
        return Values.Length(value);
    }

    private static object? First(object? value, Arguments arguments, Rendering rendering)
    {
        arguments.Bind("do_first");
        return Values.Iterate(value).Take(1).ToList() is [var first] ? first : new Undefined("No first item, sequence was empty.");
    }

    private static object? Last(object? value, Arguments arguments, Rendering rendering)
    {
        arguments.Bind("do_last");
        if (value is Generator or Sequence { Kind: SequenceKind.View } or Undefined) throw NotReversible(value);
        return Values.Iterate(value).TakeLast(1).ToList() is [var last] ? last : new Undefined("No last item, sequence was empty.");
    }

    private static TemplateError NotReversible(object? value) => value is Sequence
        ? TemplateError.Unsupported("the last of a dictionary's entries")
        : TemplateError.Failed($"'{Values.TypeName(value)}' object is not reversible");

    private static string Join(object? value, Arguments arguments, Rendering rendering)
    {
        var bound = arguments.Bind("do_join", "d", "attribute");
        var parts = Values.Iterate(value);
        if (bound.Or(1, null) is { } attribute) parts = parts.Select(Getter.Of(attribute, rendering));
        return TextMethods.Join(Filters.Text(bound.Or(0, ""), rendering), parts.Select(part => (object?)Filters.Text(part, rendering)), rendering);
    }

    private static object Reverse(object? value, Arguments arguments, Rendering rendering)
    {
        arguments.Bind("do_reverse");
        if (value is null or bool or long or double) throw TemplateError.Failed("argument must be iterable");
        var items = Values.List(value, rendering);
        items.Reverse();
        return value is string ? rendering.Taken(string.Concat(items)) : new Generator(items);
    }

    private static Generator Items(object? value, Arguments arguments, Rendering rendering)
    {
        arguments.Bind("do_items");
        if (value is Undefined) return new Generator([]);
        var dictionary = value as Dictionary ?? throw TemplateError.Failed("Can only get item pairs from a mapping.");
        rendering.TakeEntries(dictionary.Count * 3L);
        return new Generator(dictionary.Items.Select(entry => (object?)Sequence.Tuple(entry.Key, entry.Value)));
    }

    private static Sequence Sort(object? value, Arguments arguments, Rendering rendering)
    {
        var bound = arguments.Bind("do_sort", "reverse", "case_sensitive", "attribute");
        var getters = ((object?[])(bound.Or(2, null) is string several ? several.Split(',') : [bound.Or(2, null)]))
            .Select(attribute => Getter.Of(attribute, rendering, ignoresCase: !Values.IsTrue(bound.Or(1, false)))).ToList();
        return new Sequence(Sorting.Sorted(Values.List(value, rendering), item => new Sequence([.. getters.Select(getter => getter(item))]), Values.IsTrue(bound.Or(0, false)), rendering));
    }

    private static Sequence DictionarySort(object? value, Arguments arguments, Rendering rendering)
    {
        var bound = arguments.Bind("do_dictsort", "case_sensitive", "by", "reverse");
        var place = bound.Or(1, "key") switch { "key" => 0, "value" => 1, _ => throw TemplateError.Failed("You can only sort by either \"key\" or \"value\"") };
        var dictionary = Undefined.Defined(value) as Dictionary ?? throw TemplateError.Failed($"{Printing.Repr($"{Values.TypeName(value)} object")} has no attribute 'items'");
        var items = dictionary.Items.Select(entry => (object?)Sequence.Tuple(entry.Key, entry.Value)).ToList();
        rendering.TakeEntries(items.Count * 3L);
        var ignores = !Values.IsTrue(bound.Or(0, false));
        return new Sequence(Sorting.Sorted(items, KeyOf, Values.IsTrue(bound.Or(2, false)), rendering));

        object? KeyOf(object? item) => ((Sequence)item!).Items[place] is var key && ignores && key is string text ? PythonText.Lower(text) : key;
    }

    private static Sequence GroupBy(object? value, Arguments arguments, Rendering rendering)
    {
        var bound = arguments.Bind("do_groupby", "attribute", "default", "case_sensitive");
        var ignores = !Values.IsTrue(bound.Or(2, false));
        var (exact, key) = (Getter.Of(bound[0], rendering, bound.Or(1, null)), Getter.Of(bound[0], rendering, bound.Or(1, null), ignores));
        var groups = new List<(object? Key, List<object?> Items)>();
        foreach (var item in Sorting.Sorted(Values.List(value, rendering), key, reverse: false, rendering))
        {
            if (groups.Count == 0 || !Comparison.AreEqual(groups[^1].Key, key(item))) groups.Add((key(item), []));
            groups[^1].Items.Add(item);
        }
        return new Sequence([.. groups.Select(group => (object?)Sequence.Tuple(exact(group.Items[0]), new Sequence(group.Items)))]);
    }

    private static Generator Batch(object? value, Arguments arguments, Rendering rendering)
    {
        var bound = arguments.Bind("do_batch", "linecount", "fill_with");
        var count = (int)Math.Clamp(Values.Whole(bound[0]), 1, int.MaxValue);
        var batches = Values.List(value, rendering).Chunk(count).Select(batch => batch.ToList()).ToList();
        if (bound.Or(1, null) is { } fill && batches.Count > 0)
        {
            rendering.TakeEntries(count);
            batches[^1].AddRange(Enumerable.Repeat<object?>(fill, count - batches[^1].Count));
        }
        return new Generator(batches.Select(batch => (object?)new Sequence(batch)));
    }

    private static Generator Slice(object? value, Arguments arguments, Rendering rendering)
    {
        var bound = arguments.Bind("do_slice", "slices", "fill_with");
        var (items, slices) = (Values.List(value, rendering), Values.Whole(bound[0]));
        if (slices == 0) throw TemplateError.Failed("integer division or modulo by zero");
        if (slices < 0) return new Generator([]);
        rendering.TakeEntries(slices);
        var (each, extra, at) = ((int)(items.Count / slices), (int)(items.Count % slices), 0);
        var parts = new List<object?>();
        for (var slice = 0; slice < slices; slice++)
        {
            var count = each + (slice < extra ? 1 : 0);
            var part = items.GetRange(at, count);
            if (bound.Or(1, null) is { } fill && slice >= extra) part.Add(fill);
            parts.Add(new Sequence(part));
            at += count;
        }
        return new Generator(parts);
    }

    private static object? Sum(object? value, Arguments arguments, Rendering rendering)
    {
        var bound = arguments.Bind("do_sum", "attribute", "start");
        var items = Values.Iterate(value);
        if (bound.Or(0, null) is { } attribute) items = items.Select(Getter.Of(attribute, rendering));
        if (bound.Or(1, 0L) is string) throw TemplateError.Failed("sum() can't sum strings [use ''.join(seq) instead]");
        return items.Aggregate(bound.Or(1, 0L), (sum, item) => Arithmetic.Binary("+", sum, item, rendering));
    }
}
