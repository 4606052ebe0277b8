namespace PatchKernel.Templates;

/// <summary>What kind of row of values it is.</summary>
internal enum SequenceKind
{
    /// <summary>A list.</summary>
    List,

    /// <summary>A tuple.</summary>
    Tuple,

    /// <summary>A range.</summary>
    Range,

    /// <summary>A dictionary's keys, values or items: a row without places.</summary>
    View,
}

/// <summary>A row of values, which never changes: transformers' sandbox lets no template change one.</summary>
internal sealed class Sequence
{
    /// <summary>A row of values.</summary>
    /// <param name="items">The values.</param>
    /// <param name="kind">What Python calls it.</param>
    /// <param name="name">Of a range how it prints, of a view its type's name.</param>
    /// <exception cref="TemplateError">All that it holds is too much.</exception>
    public Sequence(IReadOnlyList<object?> items, SequenceKind kind = SequenceKind.List, string name = "")
    {
        (Items, Kind, Name, Size) = (items, kind, name, 1);
        foreach (var item in items) Size = Values.Grown(Size, item);
    }

    /// <summary>The values.</summary>
    public IReadOnlyList<object?> Items { get; }

    /// <summary>What Python calls it.</summary>
    public SequenceKind Kind { get; }

    /// <summary>Of a range how it prints, of a view its type's name.</summary>
    public string Name { get; }

    /// <summary>How many values it holds, those within its values included: as long as it takes to read it.</summary>
    public long Size { get; }

    /// <summary>A tuple.</summary>
    public static Sequence Tuple(params IReadOnlyList<object?> items) => new(items, SequenceKind.Tuple);

    /// <summary>Other values in a row of the same kind.</summary>
    public Sequence With(IReadOnlyList<object?> items) => new(items, Kind, Name);
}

/// <summary>Values that are handed out once, one after the other, as a Python generator does.</summary>
/// <param name="values">The values.</param>
internal sealed class Generator(IEnumerable<object?> values)
{
    private readonly IEnumerator<object?> enumerator = values.GetEnumerator();

    /// <summary>The values that are left.</summary>
    public IEnumerable<object?> Rest()
    {
        while (true)
        {
            Values.CheckDepth(); // it may read from another one, and that from another
            if (!enumerator.MoveNext()) yield break;
            yield return enumerator.Current;
        }
    }
}
