using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Another source's weights in float32, a layer at a time: what a narrower compute dtype is compared with.</summary>
/// <param name="narrow">The other source; its owner's to dispose.</param>
internal sealed class WidenedWeights(IWeightSource narrow) : IWeightSource
{
    public Tensor FinalNorm => narrow.FinalNorm;

    public DeviceMap Map => narrow.Map;

    public long MostUnembeddingRows => narrow.MostUnembeddingRows;

    public Lease Layer(int layer)
    {
        using var lease = narrow.Layer(layer);
        return new Lease(lease.Weights.Select(weight => weight.to(ScalarType.Float32, copy: true).DetachFromDisposeScope()), owned: true);
    }

    public Tensor EmbeddingRows(IReadOnlyList<int> ids) => narrow.EmbeddingRows(ids);

    public Tensor UnembeddingRows(long from, long count) => narrow.UnembeddingRows(from, count);

    public void EndPass() => narrow.EndPass();

    public void Dispose() { }
}
