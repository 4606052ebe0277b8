namespace PatchKernel.Templates;

/// <summary>What the name loop means in a loop's body.</summary>
/// <param name="items">What the loop goes through.</param>
internal sealed class Loop(IReadOnlyList<object?> items)
{
    private IReadOnlyList<object?>? lastChanged;
    private int at;

    /// <summary>The round, from 1.</summary>
    public long Index => at + 1;

    /// <summary>How many rounds there are.</summary>
    public long Length => items.Count;

    /// <summary>Goes to a round.</summary>
    public void GoTo(int round) => at = round;

    /// <summary>One of its attributes; null where it has no such.</summary>
    public (object? Value, bool IsThere) Find(string name) => name switch
    {
        "index" => (Index, true),
        "index0" => ((long)at, true),
        "revindex" => (Length - at, true),
        "revindex0" => (Length - at - 1, true),
        "first" => (at == 0, true),
        "last" => (at == items.Count - 1, true),
        "length" => (Length, true),
        "depth" => (1L, true),
        "depth0" => (0L, true),
        "previtem" => (at > 0 ? items[at - 1] : new Undefined("there is no previous item"), true),
        "nextitem" => (at + 1 < items.Count ? items[at + 1] : new Undefined("there is no next item"), true),
        "cycle" => (new Function((arguments, _) => arguments.Places is { Count: > 0 } choices ? choices[at % choices.Count] : throw TemplateError.Failed("no items for cycling given")), true),
        "changed" => (new Function((arguments, _) => HasChanged(arguments.Places)), true),
        _ => (null, false),
    };

    private bool HasChanged(IReadOnlyList<object?> values)
    {
        if (lastChanged is { } last && last.Count == values.Count && last.Zip(values).All(pair => Comparison.AreEqual(pair.First, pair.Second))) return false;
        lastChanged = values;
        return true;
    }
}
