using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Tests;

/// <summary>A model's weights that something happens to when a layer is asked for.</summary>
/// <param name="inner">The weights; their owner's to dispose.</param>
internal sealed class WatchedWeights(IWeightSource inner) : IWeightSource
{
    /// <summary>How many layers were asked for.</summary>
    public int Layers { get; private set; }

    /// <summary>Whether layers were asked for since the last pass ended.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Called with how many layers were asked for; true where the layer can't be computed with.</summary>
    public Func<int, bool>? AtLayer { get; set; }

    public DeviceMap Map => inner.Map;

    public Norm FinalNorm => inner.FinalNorm;

    public Tensor? Positions => inner.Positions;

    public long MostUnembeddingRows => inner.MostUnembeddingRows;

    public Lease Layer(int layer)
    {
        IsOpen = true;
        if (AtLayer?.Invoke(++Layers) != true) return inner.Layer(layer);
        using var lease = inner.Layer(layer);
        var broken = lease.Weights.Copy(weight => weight.alias().DetachFromDisposeScope());
        broken.Dispose();
        return new Lease(broken, Owned: true);
    }

    public Tensor EmbeddingRows(IReadOnlyList<int> ids) => inner.EmbeddingRows(ids);

    public Tensor UnembeddingRows(long from, long count) => inner.UnembeddingRows(from, count);

    public void EndPass()
    {
        IsOpen = false;
        inner.EndPass();
    }

    public void Dispose() { }
}
