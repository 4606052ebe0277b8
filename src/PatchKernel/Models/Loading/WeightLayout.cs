namespace PatchKernel.Models;

/// <summary>Names and shapes of every tensor of a checkpoint, as it stores them.</summary>
internal static class WeightLayout
{
    /// <summary>W_E, [d_vocab, d_model].</summary>
    public static WeightSpec Embedding(ModelConfig config) => config.Layout.Of(config, Slot.Embedding)[0];

    /// <summary>W_U, [d_vocab, d_model]; the embedding itself where the two are tied.</summary>
    public static WeightSpec Unembedding(ModelConfig config) => config.TiedEmbeddings ? Embedding(config) : Head(config);

    /// <summary>A matrix of the unembedding's own, [d_vocab, d_model], which may also lie beside tied embeddings.</summary>
    public static WeightSpec Head(ModelConfig config) => config.Layout.Of(config, Slot.Head)[0];

    /// <summary>The table of positions; nothing where there is none.</summary>
    public static IReadOnlyList<WeightSpec> Positions(ModelConfig config) => config.Has(Slot.Positions) ? config.Layout.Of(config, Slot.Positions) : [];

    /// <summary>The final norm's scale and bias, as far as it has them.</summary>
    public static IReadOnlyList<WeightSpec> FinalNorm(ModelConfig config) => config.Has(Slot.FinalNorm) ? config.Layout.Of(config, Slot.FinalNorm) : [];

    /// <summary>Every tensor of one layer.</summary>
    public static IEnumerable<WeightSpec> Layer(ModelConfig config, int layer) => config.Layout.OfLayer(config, layer);

    /// <summary>Every tensor of the checkpoint, in the order of the forward pass.</summary>
    public static IEnumerable<WeightSpec> All(ModelConfig config) =>
    [
        Embedding(config), .. Positions(config),
        .. Enumerable.Range(0, config.NLayers).SelectMany(layer => Layer(config, layer)),
        .. FinalNorm(config), .. config.TiedEmbeddings ? [] : (WeightSpec[])[Head(config)],
    ];
}
