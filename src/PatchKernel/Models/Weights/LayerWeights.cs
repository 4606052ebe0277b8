using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>One block's weights; matrices in the compute dtype, stored [out, in]; norms in float32.</summary>
/// <param name="AttentionNorm">[d_model].</param>
/// <param name="WQ">[n_heads · d_head, d_model].</param>
/// <param name="WK">[n_kv_heads · d_head, d_model].</param>
/// <param name="WV">[n_kv_heads · d_head, d_model].</param>
/// <param name="WO">[d_model, n_heads · d_head].</param>
/// <param name="MlpNorm">[d_model].</param>
/// <param name="WGate">[d_mlp, d_model].</param>
/// <param name="WIn">[d_mlp, d_model].</param>
/// <param name="WOut">[d_model, d_mlp].</param>
internal sealed record LayerWeights(
    Tensor AttentionNorm, Linear WQ, Linear WK, Linear WV, Linear WO,
    Tensor MlpNorm, Linear WGate, Linear WIn, Linear WOut) : IDisposable
{
    /// <summary>Reads one layer; the result owns its tensors.</summary>
    public static LayerWeights Read(ModelConfig config, int layer, Func<WeightSpec, ScalarType, Tensor> read, ScalarType dtype) => Of(
        WeightLayout.Layer(config, layer).Select(weight =>
            read(weight, weight.Key.EndsWith("norm.weight", StringComparison.Ordinal) ? ScalarType.Float32 : dtype)),
        config.AttentionBias, config.MlpBias);

    /// <summary>Copies the layer, tensor by tensor; the copy owns its tensors.</summary>
    public LayerWeights Copy(Func<Tensor, Tensor> copy) => Of(Tensors.Select(copy), WQ.Bias is not null, WGate.Bias is not null);

    public void Dispose()
    {
        foreach (var tensor in Tensors) tensor.Dispose();
    }

    /// <summary>Every tensor, in the order of <see cref="WeightLayout.Layer"/>.</summary>
    private IEnumerable<Tensor> Tensors =>
        [AttentionNorm, .. WQ.Tensors, .. WK.Tensors, .. WV.Tensors, .. WO.Tensors, MlpNorm, .. WGate.Tensors, .. WIn.Tensors, .. WOut.Tensors];

    /// <summary>The layer of some tensors, in that order; if one of them can't be made, the others are freed.</summary>
    private static LayerWeights Of(IEnumerable<Tensor> tensors, bool attentionBias, bool mlpBias)
    {
        var made = new Queue<Tensor>();
        try
        {
            foreach (var tensor in tensors) made.Enqueue(tensor);
        }
        catch
        {
            foreach (var tensor in made) tensor.Dispose();
            throw;
        }
        return new(
            made.Dequeue(), Matrix(attentionBias), Matrix(attentionBias), Matrix(attentionBias), Matrix(attentionBias),
            made.Dequeue(), Matrix(mlpBias), Matrix(mlpBias), Matrix(mlpBias));

        Linear Matrix(bool hasBias) => new(made.Dequeue(), hasBias ? made.Dequeue() : null);
    }
}
