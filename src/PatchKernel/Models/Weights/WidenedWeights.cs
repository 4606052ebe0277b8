using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>Another source's weights in a wider dtype, a layer at a time: what a narrower compute dtype is compared with.</summary>
/// <param name="narrow">The other source; its owner's to dispose.</param>
/// <param name="dtype">float32, or in tests float64.</param>
internal sealed class WidenedWeights(IWeightSource narrow, ScalarType dtype) : IWeightSource
{
    public Norm FinalNorm => narrow.FinalNorm;

    public Tensor? Positions => narrow.Positions;

    public DeviceMap Map => narrow.Map;

    public long MostUnembeddingRows => narrow.MostUnembeddingRows;

    public Lease Layer(int layer)
    {
        using var lease = narrow.Layer(layer);
        return new Lease(lease.Weights.Copy(weight => weight.to(dtype, copy: true).DetachFromDisposeScope()), Owned: true);
    }

    public Tensor EmbeddingRows(IReadOnlyList<int> ids) => narrow.EmbeddingRows(ids).to(dtype);

    public Tensor UnembeddingRows(long from, long count) => narrow.UnembeddingRows(from, count).to(dtype);

    public void EndPass() => narrow.EndPass();

    public void Dispose() { }
}
