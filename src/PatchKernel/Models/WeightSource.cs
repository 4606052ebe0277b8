using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Where the model gets its weights, one layer at a time; this one keeps all of them in memory.</summary>
internal sealed class WeightSource : IDisposable
{
    private readonly LayerWeights[] layers;

    public WeightSource(LlamaConfig config, WeightReader read, ScalarType dtype)
    {
        Embedding = read(WeightLayout.Embedding(config), dtype);
        layers = [.. Enumerable.Range(0, config.NLayers).Select(layer => LayerWeights.Read(config, layer, read, dtype))];
        FinalNorm = read(WeightLayout.FinalNorm(config), ScalarType.Float32);
        Unembedding = config.TiedEmbeddings ? Embedding : read(WeightLayout.Unembedding(config), dtype);
    }

    /// <summary>W_E, [d_vocab, d_model], in the compute dtype.</summary>
    public Tensor Embedding { get; }

    /// <summary>The final norm's scale, [d_model], float32.</summary>
    public Tensor FinalNorm { get; }

    /// <summary>W_U, [d_vocab, d_model], in the compute dtype; the embedding itself where the two are tied.</summary>
    public Tensor Unembedding { get; }

    /// <summary>One block's weights; the source's to dispose.</summary>
    public LayerWeights Layer(int layer) => layers[layer];

    public void Dispose()
    {
        Embedding.Dispose();
        FinalNorm.Dispose();
        Unembedding.Dispose();
        foreach (var layer in layers) layer.Dispose();
    }
}
