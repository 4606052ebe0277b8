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
    public static LayerWeights Read(ModelConfig config, int layer, Func<WeightSpec, ScalarType, Tensor> read, ScalarType dtype)
    {
        return FreeOnFailure(own => new LayerWeights(
            own(read(WeightLayout.AttentionNorm(config, layer), ScalarType.Float32)),
            Matrix(WeightLayout.Query(config, layer), config.AttentionBias, own),
            Matrix(WeightLayout.KeyMatrix(config, layer), config.AttentionBias, own),
            Matrix(WeightLayout.Value(config, layer), config.AttentionBias, own),
            Matrix(WeightLayout.Output(config, layer), config.AttentionBias, own),
            own(read(WeightLayout.MlpNorm(config, layer), ScalarType.Float32)),
            Matrix(WeightLayout.Gate(config, layer), config.MlpBias, own),
            Matrix(WeightLayout.In(config, layer), config.MlpBias, own),
            Matrix(WeightLayout.Out(config, layer), config.MlpBias, own)));

        Linear Matrix(WeightSpec weight, bool bias, Func<Tensor, Tensor> own) =>
            new(own(read(weight, dtype)), bias ? own(read(WeightLayout.BiasOf(weight), dtype)) : null);
    }

    /// <summary>Copies the layer, tensor by tensor; the copy owns its tensors.</summary>
    public LayerWeights Copy(Func<Tensor, Tensor> copy)
    {
        return FreeOnFailure(own =>
        {
            return new LayerWeights(
                Norm(AttentionNorm), Matrix(WQ), Matrix(WK), Matrix(WV), Matrix(WO), Norm(MlpNorm), Matrix(WGate), Matrix(WIn), Matrix(WOut));

            Tensor Norm(Tensor scale) => own(copy(scale));

            Linear Matrix(Linear matrix) => new(own(copy(matrix.Weight)), matrix.Bias is { } bias ? own(copy(bias)) : null);
        });
    }

    /// <summary>Makes a layer; if one of its tensors can't be made, the others are freed.</summary>
    private static LayerWeights FreeOnFailure(Func<Func<Tensor, Tensor>, LayerWeights> make)
    {
        List<Tensor> made = [];
        try
        {
            return make(tensor =>
            {
                made.Add(tensor);
                return tensor;
            });
        }
        catch
        {
            foreach (var tensor in made) tensor.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        AttentionNorm.Dispose();
        MlpNorm.Dispose();
        foreach (var matrix in (ReadOnlySpan<Linear>)[WQ, WK, WV, WO, WGate, WIn, WOut]) matrix.Dispose();
    }
}
