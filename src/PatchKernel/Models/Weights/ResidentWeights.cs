using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Keeps every weight in memory, in the compute dtype.</summary>
internal sealed class ResidentWeights : IWeightSource
{
    private readonly LayerWeights[] layers;
    private readonly Tensor embedding;   // W_E, [d_vocab, d_model]
    private readonly Tensor unembedding; // W_U, [d_vocab, d_model]; the embedding itself where the two are tied

    public ResidentWeights(LlamaConfig config, WeightReader read, ScalarType dtype)
    {
        embedding = read(WeightLayout.Embedding(config), dtype);
        layers = [.. Enumerable.Range(0, config.NLayers).Select(layer => LayerWeights.Read(config, layer, read, dtype))];
        FinalNorm = read(WeightLayout.FinalNorm(config), ScalarType.Float32);
        unembedding = config.TiedEmbeddings ? embedding : read(WeightLayout.Unembedding(config), dtype);
    }

    public Tensor FinalNorm { get; }

    // Rows that need no conversion come all at once.
    public long MostUnembeddingRows => unembedding.dtype == ScalarType.Float32 ? unembedding.shape[0] : StreamedWeights.MostRows;

    public Lease Layer(int layer) => new(layers[layer], owned: false);

    public Tensor EmbeddingRows(IReadOnlyList<int> ids)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(embedding.index_select(0, tensor(ids.ToArray(), device: embedding.device)).to(ScalarType.Float32));
    }

    public Tensor UnembeddingRows(long from, long count)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(unembedding.narrow(0, from, count).to(ScalarType.Float32));
    }

    public void EndPass() { }

    public void Dispose()
    {
        embedding.Dispose();
        FinalNorm.Dispose();
        unembedding.Dispose();
        foreach (var layer in layers) layer.Dispose();
    }
}
