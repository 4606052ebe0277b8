namespace PatchKernel.Templates;

/// <summary><c>a.b</c>, <c>a[b]</c> and <c>a[b:c:d]</c>, as jinja2's sandbox has them.</summary>
internal static class Access
{
    private static readonly HashSet<string> ChangesList = [.. "append clear pop reverse insert sort extend remove".Split(' ')];
    private static readonly HashSet<string> ChangesDictionary = [.. "clear pop popitem setdefault update".Split(' ')];
    private static readonly HashSet<string> OfNumbers =
        [.. "real imag numerator denominator bit_length bit_count is_integer as_integer_ratio conjugate hex to_bytes".Split(' ')];

    /// <summary><c>a.b</c>: the attribute, and where there is none the entry.</summary>
    public static object? Attribute(object? owner, string name)
    {
        Undefined.Defined(owner);
        if (Own(owner, name) is (var value, true)) return value;
        return owner is Dictionary dictionary && dictionary.TryGet(name, out var entry) ? entry : Undefined.Of(owner, name);
    }

    /// <summary><c>a[b]</c>: the entry, and where there is none the attribute.</summary>
    public static object? Item(object? owner, object? key, Rendering rendering)
    {
        Undefined.Defined(owner);
        if (Entry(owner, key, rendering) is (var entry, true)) return entry;
        return key is string name && Own(owner, name) is (var value, true) ? value : Undefined.Of(owner, key);
    }

    /// <summary><c>a[b:c:d]</c>.</summary>
    public static object? Slice(object? owner, object? start, object? stop, object? step, Rendering rendering)
    {
        Undefined.Defined(owner);
        if (owner is string text) return SliceOf(text, start, stop, step, rendering);
        if (owner is not Sequence { Kind: not SequenceKind.View } sequence)
            throw owner is Dictionary ? TemplateError.Failed("unhashable type: 'slice'") : TemplateError.Failed($"'{Values.TypeName(owner)}' object is not subscriptable");
        if (sequence.Kind == SequenceKind.Range) throw TemplateError.Unsupported("a part of a range");
        var places = Places(sequence.Items.Count, start, stop, step).ToList();
        rendering.TakeEntries(places.Count);
        return sequence.With([.. places.Select(place => sequence.Items[place])]);
    }

    private static string SliceOf(string text, object? start, object? stop, object? step, Rendering rendering)
    {
        rendering.Step(text.Length / 64);
        if (PythonText.IsPlain(text) && step is null)
        {
            var (from, to) = Bounds(text.Length, start, stop, 1);
            return rendering.Taken(text[from..Math.Max(from, to)]);
        }
        if (PythonText.IsPlain(text)) return rendering.Taken(string.Concat(Places(text.Length, start, stop, step).Select(place => text[place])));
        var characters = PythonText.Characters(text);
        return rendering.Taken(string.Concat(Places(characters.Count, start, stop, step).Select(place => characters[place])));
    }

    private static (int From, int To) Bounds(int count, object? start, object? stop, long step)
    {
        var (least, most) = step > 0 ? (0L, (long)count) : (-1L, count - 1L);
        long Place(object? given, long absent)
        {
            if (given is null) return absent;
            var place = Index(given);
            return Math.Clamp(place < 0 ? place + count : place, least, most);
        }
        return ((int)Place(start, step > 0 ? least : most), (int)Place(stop, step > 0 ? most : least));
    }

    private static IEnumerable<int> Places(int count, object? start, object? stop, object? step)
    {
        var by = step is null ? 1 : Index(step);
        if (by == 0) throw TemplateError.Failed("slice step cannot be zero");
        var (from, to) = Bounds(count, start, stop, by);
        for (long place = from; by > 0 ? place < to : place > to; place += by) yield return (int)place;
    }

    private static long Index(object? value) => Values.IsWhole(value, out var whole)
        ? Math.Clamp(whole, -int.MaxValue, int.MaxValue)
        : throw TemplateError.Failed("slice indices must be integers or None or have an __index__ method");

    private static (object? Value, bool IsThere) Entry(object? owner, object? key, Rendering rendering)
    {
        switch (owner)
        {
            case Dictionary when key is Dictionary or Sequence { Kind: SequenceKind.List or SequenceKind.View }: return default;
            case Dictionary dictionary: return dictionary.TryGet(key, out var value) ? (value, true) : default;
            case Sequence { Kind: not SequenceKind.View } sequence when Values.IsWhole(key, out var place):
                if (place < 0) place += sequence.Items.Count;
                return place >= 0 && place < sequence.Items.Count ? (sequence.Items[(int)place], true) : default;
            case string text when Values.IsWhole(key, out var at):
                rendering.Step(text.Length / 64);
                var length = PythonText.Length(text);
                if (at < 0) at += length;
                if (at < 0 || at >= length) return default;
                var from = PythonText.Offset(text, (int)at);
                return (char.IsHighSurrogate(text[from]) && from + 1 < text.Length ? text.Substring(from, 2) : text[from].ToString(), true);
            default: return default;
        }
    }

    /// <summary>An attribute in Python's sense: a method, mostly.</summary>
    private static (object? Value, bool IsThere) Own(object? owner, string name)
    {
        if (name.StartsWith("__", StringComparison.Ordinal) && name.EndsWith("__", StringComparison.Ordinal)) return (Undefined.Unsafe(owner, name), true);
        return owner switch
        {
            Namespace space => space.Attributes.TryGet(name, out var value) ? (value, true) : default,
            Loop loop => loop.Find(name),
            Macro macro when name == "name" => (macro.Name, true),
            string text when TextMethods.Names.Contains(name) => (new Function((arguments, rendering) => TextMethods.Call(text, name, arguments, rendering)), true),
            Dictionary when ChangesDictionary.Contains(name) => (Undefined.Unsafe(owner, name), true),
            Dictionary dictionary when name is "get" or "items" or "keys" or "values" or "copy" or "fromkeys" => (OfDictionary(dictionary, name), true),
            Sequence { Kind: SequenceKind.List } when ChangesList.Contains(name) => (Undefined.Unsafe(owner, name), true),
            Sequence { Kind: not SequenceKind.View } sequence when name is "index" or "count" || (name == "copy" && sequence.Kind == SequenceKind.List) => (OfSequence(sequence, name), true),
            bool or long or double when OfNumbers.Contains(name) => throw TemplateError.Unsupported($"the method \"{name}\" of a number"),
            SafeText => throw TemplateError.Unsupported($"the method \"{name}\" of a text that is marked safe"),
            _ => default,
        };
    }

    private static Function OfDictionary(Dictionary dictionary, string name) => new((arguments, rendering) =>
    {
        if (name == "get")
        {
            var bound = arguments.Bind(name, "key", "default");
            rendering.Step(Values.Size(bound[0]));
            return dictionary.TryGet(bound[0], out var value) ? value : bound.Or(1, null);
        }
        arguments.Bind(name);
        rendering.TakeEntries(dictionary.Count);
        return name switch
        {
            "items" => new Sequence([.. dictionary.Items.Select(entry => Sequence.Tuple(entry.Key, entry.Value))], SequenceKind.View, "dict_items"),
            "keys" => new Sequence([.. dictionary.Keys], SequenceKind.View, "dict_keys"),
            "values" => new Sequence([.. dictionary.Values], SequenceKind.View, "dict_values"),
            "copy" => dictionary, // nothing changes it
            _ => throw TemplateError.Unsupported($"the method \"{name}\" of a dictionary"),
        };
    });

    private static Function OfSequence(Sequence sequence, string name) => new((arguments, rendering) =>
    {
        if (name == "copy") return sequence;
        var value = arguments.Bind(name, "value")[0];
        rendering.Step(sequence.Size);
        if (name == "count") return (long)sequence.Items.Count(item => Comparison.AreEqual(item, value));
        for (var i = 0; i < sequence.Items.Count; i++)
            if (Comparison.AreEqual(sequence.Items[i], value)) return (long)i;
        throw TemplateError.Failed($"{Printing.Repr(value)} is not in list");
    });
}
