using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>Where a model gets its weights, one layer at a time.</summary>
internal interface IWeightSource : IDisposable
{
    /// <summary>Which device computes which part; weights are handed over on it.</summary>
    DeviceMap Map { get; }

    /// <summary>The final norm; the source's to dispose.</summary>
    Norm FinalNorm { get; }

    /// <summary>The table of positions, [positions, d_model], float32, on the first layer's device; null where there is none. The source's to dispose.</summary>
    Tensor? Positions { get; }

    /// <summary>How many rows of the unembedding may be asked for at once.</summary>
    long MostUnembeddingRows { get; }

    /// <summary>One block's weights, until the lease is disposed of.</summary>
    Lease Layer(int layer);

    /// <summary>Rows of W_E, [ids, d_model], float32, on the first layer's device; owned by the caller's dispose scope.</summary>
    Tensor EmbeddingRows(IReadOnlyList<int> ids);

    /// <summary>Rows of W_U that follow one another, [count, d_model], float32; owned by the caller's dispose scope.</summary>
    Tensor UnembeddingRows(long from, long count);

    /// <summary>Lets go of what was read ahead; called when a pass through the layers ends, however it ends.</summary>
    void EndPass();
}

/// <summary>One block's weights, for a while.</summary>
/// <param name="Weights">The weights.</param>
/// <param name="Owned">Whether they are freed with the lease.</param>
internal sealed record Lease(LayerWeights Weights, bool Owned) : IDisposable
{
    public void Dispose()
    {
        if (Owned) Weights.Dispose();
    }
}
