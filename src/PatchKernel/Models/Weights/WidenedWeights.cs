using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Another source's weights in float32, a layer at a time: what a narrower compute dtype is compared with.</summary>
/// <param name="narrow">The other source; its owner's to dispose.</param>
internal sealed class WidenedWeights(IWeightSource narrow) : IWeightSource
{
    public Tensor FinalNorm => narrow.FinalNorm;

    public long MostUnembeddingRows => narrow.MostUnembeddingRows;

    public Lease Layer(int layer)
    {
        using var lease = narrow.Layer(layer);
        var weights = lease.Weights;
        return new Lease(
            new LayerWeights(
                Copy(weights.AttentionNorm), Widen(weights.WQ), Widen(weights.WK), Widen(weights.WV), Widen(weights.WO),
                Copy(weights.MlpNorm), Widen(weights.WGate), Widen(weights.WIn), Widen(weights.WOut)),
            owned: true);
    }

    public Tensor EmbeddingRows(IReadOnlyList<int> ids) => narrow.EmbeddingRows(ids);

    public Tensor UnembeddingRows(long from, long count) => narrow.UnembeddingRows(from, count);

    public void EndPass() => narrow.EndPass();

    public void Dispose() { }

    private static Linear Widen(Linear matrix) => new(Copy(matrix.Weight), matrix.Bias is { } bias ? Copy(bias) : null);

    private static Tensor Copy(Tensor value) => value.to(ScalarType.Float32, copy: true).DetachFromDisposeScope();
}
