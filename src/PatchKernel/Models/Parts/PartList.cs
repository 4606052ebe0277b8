namespace PatchKernel.Models;

/// <summary>What a model's blocks are put together from; by default a Llama's. A family sets what is different in it.</summary>
internal sealed record PartList
{
    /// <summary>A Llama's.</summary>
    public static PartList Llama { get; } = new();

    /// <summary>What every norm computes.</summary>
    public NormKind Norm { get; init; } = NormKind.Rms;

    /// <summary>Whether attention and MLP read the normed stream.</summary>
    public bool NormBefore { get; init; } = true;

    /// <summary>Whether what attention and MLP add to the stream is normed.</summary>
    public bool NormBehind { get; init; }

    /// <summary>Whether queries and keys are normed before they are turned.</summary>
    public QueryKeyNorm QueryKeyNorm { get; init; }

    /// <summary>What scores are divided by; null for √d_head.</summary>
    public double? ScoreDivisor { get; init; }

    /// <summary>c in c · tanh(score / c); null for none.</summary>
    public double? ScoreCap { get; init; }

    /// <summary>Entries of a head that the rotary embedding turns, the first ones; null for all.</summary>
    public int? RotaryWidth { get; init; }

    /// <summary>Whether entries that are turned together lie side by side; else half of what is turned apart.</summary>
    public bool Interleaved { get; init; }

    /// <summary>Each layer's rotary embedding and window; null where all have the model's own, and no window.</summary>
    public ByLayer<LayerPositions>? Layers { get; init; }

    /// <summary>Whether a table of positions is added to the embedding.</summary>
    public bool LearnedPositions { get; init; }

    /// <summary>Whether hidden units are multiplied by a gate.</summary>
    public bool Gated { get; init; } = true;

    /// <summary>What is done to the hidden units, or to their gate.</summary>
    public Nonlinearity Nonlinearity { get; init; } = Nonlinearity.Silu;

    /// <summary>Whether the MLP reads the stream that attention reads, and not what attention has added to.</summary>
    public bool Parallel { get; init; }

    /// <summary>In parallel, whether the MLP also reads it through attention's norm, and has none of its own.</summary>
    public bool OneNorm { get; init; }

    /// <summary>What embeddings are multiplied by.</summary>
    public double EmbeddingScale { get; init; } = 1;

    /// <summary>c in c · tanh(logit / c); null for none.</summary>
    public double? LogitCap { get; init; }

    /// <summary>Matrices of one MLP.</summary>
    public int MlpMatrices => Gated ? 3 : 2;
}

/// <summary>Over what queries and keys are normed.</summary>
internal enum QueryKeyNorm
{
    /// <summary>They aren't.</summary>
    None,

    /// <summary>Each head by itself.</summary>
    EachHead,

    /// <summary>All heads of a position together: a head then depends on all of them.</summary>
    AllHeads,
}

/// <summary>How one layer tells positions apart.</summary>
/// <param name="Rope">The rotary embedding; null for none.</param>
/// <param name="Window">How many keys a query sees, its own included; null for all up to its own.</param>
internal sealed record LayerPositions(RopeConfig? Rope, int? Window);

/// <summary>One value a layer; equal to another with the same values.</summary>
internal sealed class ByLayer<T>(IReadOnlyList<T> values) : IEquatable<ByLayer<T>>
{
    /// <summary>A layer's value.</summary>
    public T this[int layer] => values[layer];

    /// <summary>All of them.</summary>
    public IReadOnlyList<T> All => values;

    public bool Equals(ByLayer<T>? other) => other is not null && values.SequenceEqual(other.All);

    public override bool Equals(object? obj) => Equals(obj as ByLayer<T>);

    public override int GetHashCode() => values.Count;
}
