using static TorchSharp.torch;

namespace PatchKernel;

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
    public static LayerWeights Read(LlamaConfig config, int layer, Func<WeightSpec, ScalarType, Tensor> read, ScalarType dtype)
    {
        return new LayerWeights(
            read(WeightLayout.AttentionNorm(config, layer), ScalarType.Float32),
            Matrix(WeightLayout.Query(config, layer), config.AttentionBias),
            Matrix(WeightLayout.KeyMatrix(config, layer), config.AttentionBias),
            Matrix(WeightLayout.Value(config, layer), config.AttentionBias),
            Matrix(WeightLayout.Output(config, layer), config.AttentionBias),
            read(WeightLayout.MlpNorm(config, layer), ScalarType.Float32),
            Matrix(WeightLayout.Gate(config, layer), config.MlpBias),
            Matrix(WeightLayout.In(config, layer), config.MlpBias),
            Matrix(WeightLayout.Out(config, layer), config.MlpBias));

        Linear Matrix(WeightSpec weight, bool bias) =>
            new(read(weight, dtype), bias ? read(WeightLayout.BiasOf(weight), dtype) : null);
    }

    /// <summary>A layer made of what <paramref name="copy"/> makes of each tensor; it owns them.</summary>
    public LayerWeights Select(Func<Tensor, Tensor> copy)
    {
        return new LayerWeights(
            copy(AttentionNorm), Matrix(WQ), Matrix(WK), Matrix(WV), Matrix(WO), copy(MlpNorm), Matrix(WGate), Matrix(WIn), Matrix(WOut));

        Linear Matrix(Linear matrix) => new(copy(matrix.Weight), matrix.Bias is { } bias ? copy(bias) : null);
    }

    public void Dispose()
    {
        AttentionNorm.Dispose();
        MlpNorm.Dispose();
        foreach (var matrix in (ReadOnlySpan<Linear>)[WQ, WK, WV, WO, WGate, WIn, WOut]) matrix.Dispose();
    }
}
