namespace PatchKernel.Templates;

/// <summary>Python's ==, &lt; and in.</summary>
internal static class Comparison
{
    /// <summary>Whether Python calls two values equal.</summary>
    public static bool AreEqual(object? left, object? right)
    {
        Values.CheckDepth();
        return (left, right) switch
        {
            (null, null) or (Undefined, Undefined) => true,
            (string one, string other) => one == other,
            (long one, long other) => one == other,
            (bool or long or double, bool or long or double) => Values.Number(left) == Values.Number(right),
            (Sequence one, Sequence other) => one.Kind == other.Kind && one.Items.Count == other.Items.Count && one.Items.Zip(other.Items).All(pair => AreEqual(pair.First, pair.Second)),
            (Dictionary one, Dictionary other) => one.Count == other.Count && one.Items.All(entry => other.TryGet(entry.Key, out var value) && AreEqual(entry.Value, value)),
            (SafeText one, _) => AreEqual(one.Text, right),
            (_, SafeText other) => AreEqual(left, other.Text),
            _ => ReferenceEquals(left, right),
        };
    }

    /// <summary>Below 0 where the left value comes first, above 0 where the right one does.</summary>
    /// <exception cref="TemplateError">Python can't say.</exception>
    public static int Order(object? left, object? right, string mark)
    {
        Values.CheckDepth();
        Undefined.Defined(left);
        Undefined.Defined(right);
        return (left, right) switch
        {
            (string one, string other) => ByCodePoint(one, other),
            (long one, long other) => one.CompareTo(other),
            (bool or long or double, bool or long or double) => Values.Number(left).CompareTo(Values.Number(right)),
            (Sequence one, Sequence other) when one.Kind == other.Kind && one.Kind is SequenceKind.List or SequenceKind.Tuple => OrderItems(one.Items, other.Items, mark),
            _ => throw TemplateError.Failed($"'{mark}' not supported between instances of '{Values.TypeName(left)}' and '{Values.TypeName(right)}'"),
        };
    }

    /// <summary>Whether a value is in another one.</summary>
    /// <exception cref="TemplateError">The other one holds no values.</exception>
    public static bool Contains(object? container, object? value, Rendering rendering)
    {
        switch (container)
        {
            case string text:
                var part = value as string ?? throw TemplateError.Failed($"'in <string>' requires string as left operand, not {Values.TypeName(value)}");
                rendering.Step(1 + (text.Length / 64) + ((long)text.Length * part.Length / 4096));
                return text.Contains(part, StringComparison.Ordinal);
            case Dictionary dictionary:
                rendering.Step(Values.Size(value));
                return dictionary.TryGet(value, out _);
            case null or bool or long or double or Namespace or Callable: throw TemplateError.Failed($"argument of type '{Values.TypeName(container)}' is not iterable");
            default:
                foreach (var item in Values.Iterate(container))
                {
                    rendering.Step(Math.Min(Values.Size(item), Values.Size(value)));
                    if (AreEqual(item, value)) return true;
                }
                return false;
        }
    }

    // .NET compares UTF-16 units, which puts the characters beyond U+FFFF before those of U+E000 to U+FFFF.
    private static int ByCodePoint(string one, string other)
    {
        var at = one.AsSpan().CommonPrefixLength(other);
        if (at == one.Length || at == other.Length) return one.Length.CompareTo(other.Length);
        var (left, right) = (one[at], other[at]);
        if (char.IsSurrogate(left) == char.IsSurrogate(right)) return left.CompareTo(right);
        return char.IsSurrogate(left) ? 1 : -1;
    }

    private static int OrderItems(IReadOnlyList<object?> one, IReadOnlyList<object?> other, string mark)
    {
        for (var i = 0; i < Math.Min(one.Count, other.Count); i++)
            if (!AreEqual(one[i], other[i])) return Order(one[i], other[i], mark);
        return one.Count.CompareTo(other.Count);
    }
}
