using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>
/// What an unpatched run has in the layer that the wavefront is in: views into what the layer computed, which live until the layer is done.
/// </summary>
/// <param name="prompt">Number of the prompt's positions.</param>
/// <param name="queryStart">The first position that the layer computes queries for, and what follows from them.</param>
internal sealed class LaneActivations(int prompt, int queryStart) : IDisposable
{
    private readonly Dictionary<Activation, Tensor> values = [];
    private Tensor? rotatedKeys;

    /// <summary>Keys as scores are made of them: normed where they are, and turned, [pos, n_kv_heads, d_head].</summary>
    public Tensor RotatedKeys
    {
        get => rotatedKeys!;
        set => rotatedKeys = value.DetachFromDisposeScope();
    }

    /// <summary>Number of the prompt's positions; an answer's may stand behind them.</summary>
    public int Prompt => prompt;

    /// <summary>The first position that the layer computes queries for.</summary>
    public int QueryStart => queryStart;

    /// <summary>An activation without its batch axis: [pos, …], or of a pattern [head, query_pos, key_pos].</summary>
    public Tensor this[Activation activation]
    {
        get => values[activation];
        set => values[activation] = value.DetachFromDisposeScope();
    }

    /// <summary>The position of an activation's first row: resid_pre, k and v are there at every position, the others in the last layer from its first query on.</summary>
    public int Offset(Activation activation) => activation is Activation.ResidPre or Activation.K or Activation.V ? 0 : queryStart;

    /// <summary>An activation, and where its first row is.</summary>
    public PlacedValue Placed(Activation activation) => new(values[activation], Offset(activation));

    public void Dispose()
    {
        rotatedKeys?.Dispose();
        foreach (var value in values.Values) value.Dispose();
    }
}
