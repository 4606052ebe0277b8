namespace PatchKernel.Templates;

/// <summary>A dictionary in Python's sense: in order, and 1, 1.0 and true are one key.</summary>
internal sealed class Dictionary
{
    private readonly OrderedDictionary<Key, object?> entries = [];

    /// <summary>Number of entries.</summary>
    public int Count => entries.Count;

    /// <summary>How many values it holds, those within its values included.</summary>
    public long Size { get; private set; } = 1;

    /// <summary>The keys.</summary>
    public IEnumerable<object?> Keys => entries.Keys.Select(key => key.Value);

    /// <summary>The values.</summary>
    public IEnumerable<object?> Values => entries.Values;

    /// <summary>Keys with their values.</summary>
    public IEnumerable<(object? Key, object? Value)> Items => entries.Select(entry => (entry.Key.Value, entry.Value));

    /// <summary>Gives a key a value; a key that is there keeps its place.</summary>
    /// <exception cref="TemplateError">The key is a list or a dictionary.</exception>
    public void Set(object? key, object? value)
    {
        var own = Key.Of(key);
        var before = entries.TryGetValue(own, out var old) ? Size - PatchKernel.Templates.Values.Size(old) : PatchKernel.Templates.Values.Grown(Size, key);
        Size = PatchKernel.Templates.Values.Grown(before, value);
        entries[own] = value;
    }

    /// <summary>Whether there is such a key, and its value.</summary>
    /// <exception cref="TemplateError">The key is a list or a dictionary.</exception>
    public bool TryGet(object? key, out object? value) => entries.TryGetValue(Key.Of(key), out value);
}

/// <summary>A value by which others are found.</summary>
internal readonly struct Key : IEquatable<Key>
{
    private Key(object? value) => Value = value;

    /// <summary>The value.</summary>
    public object? Value { get; }

    /// <summary>A value as a key.</summary>
    /// <exception cref="TemplateError">It is a list or a dictionary, which Python doesn't take.</exception>
    public static Key Of(object? value)
    {
        Check(value);
        return new(value);
    }

    /// <summary>Whether Python calls them equal.</summary>
    public bool Equals(Key other) => Comparison.AreEqual(Value, other.Value);

    /// <summary>Whether it is an equal key.</summary>
    public override bool Equals(object? obj) => obj is Key other && Equals(other);

    /// <summary>Goes with <see cref="Equals(Key)"/>.</summary>
    public override int GetHashCode() => Hash(Value);

    private static void Check(object? value)
    {
        if (value is Dictionary or Sequence { Kind: SequenceKind.List or SequenceKind.View }) throw TemplateError.Failed($"unhashable type: '{Values.TypeName(value)}'");
        if (value is not Sequence { Kind: SequenceKind.Tuple } tuple) return;
        Values.CheckDepth();
        foreach (var item in tuple.Items) Check(item);
    }

    private static int Hash(object? value) => value switch
    {
        null => 0,
        string text => text.GetHashCode(StringComparison.Ordinal),
        SafeText safe => Hash(safe.Text),
        bool or long or double => Values.Number(value).GetHashCode(),
        Undefined => 1,
        Sequence { Kind: SequenceKind.Tuple } tuple => HashOf(tuple),
        Sequence { Kind: SequenceKind.Range } => 2,
        _ => value.GetHashCode(),
    };

    private static int HashOf(Sequence tuple)
    {
        Values.CheckDepth();
        var hash = 17;
        foreach (var item in tuple.Items) hash = HashCode.Combine(hash, Hash(item));
        return hash;
    }
}
