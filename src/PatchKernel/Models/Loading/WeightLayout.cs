namespace PatchKernel.Models;

/// <summary>A weight as the checkpoint stores it.</summary>
/// <param name="Key">The tensor's name.</param>
/// <param name="Shape">Its shape; a matrix is [out, in], as PyTorch's Linear keeps it.</param>
internal sealed record WeightSpec(string Key, long[] Shape)
{
    /// <summary>Number of its entries.</summary>
    public long Elements => Shape.Aggregate(1L, (product, size) => product * size);
}

/// <summary>Names and shapes of every tensor of a Llama checkpoint, as Hugging Face transformers stores them.</summary>
internal static class WeightLayout
{
    /// <summary>What stands before the names of all weights but the unembedding's own.</summary>
    public const string BasePrefix = "model.";

    /// <summary>W_E, [d_vocab, d_model].</summary>
    public static WeightSpec Embedding(ModelConfig config) => new("model.embed_tokens.weight", [config.DVocab, config.DModel]);

    /// <summary>The final norm's scale, [d_model].</summary>
    public static WeightSpec FinalNorm(ModelConfig config) => new("model.norm.weight", [config.DModel]);

    /// <summary>W_U, [d_vocab, d_model]; the embedding itself where the two are tied.</summary>
    public static WeightSpec Unembedding(ModelConfig config) => config.TiedEmbeddings ? Embedding(config) : Head(config);

    /// <summary>A matrix of the unembedding's own, [d_vocab, d_model], which may also lie beside tied embeddings.</summary>
    public static WeightSpec Head(ModelConfig config) => new("lm_head.weight", [config.DVocab, config.DModel]);

    /// <summary>The norm's scale before attention, [d_model].</summary>
    public static WeightSpec AttentionNorm(ModelConfig config, int layer) => new(Key(layer, "input_layernorm.weight"), [config.DModel]);

    /// <summary>The norm's scale before the MLP, [d_model].</summary>
    public static WeightSpec MlpNorm(ModelConfig config, int layer) => new(Key(layer, "post_attention_layernorm.weight"), [config.DModel]);

    /// <summary>W_Q, [n_heads · d_head, d_model].</summary>
    public static WeightSpec Query(ModelConfig config, int layer) =>
        new(Key(layer, "self_attn.q_proj.weight"), [config.NHeads * config.DHead, config.DModel]);

    /// <summary>W_K, [n_kv_heads · d_head, d_model].</summary>
    public static WeightSpec KeyMatrix(ModelConfig config, int layer) =>
        new(Key(layer, "self_attn.k_proj.weight"), [config.NKeyValueHeads * config.DHead, config.DModel]);

    /// <summary>W_V, [n_kv_heads · d_head, d_model].</summary>
    public static WeightSpec Value(ModelConfig config, int layer) =>
        new(Key(layer, "self_attn.v_proj.weight"), [config.NKeyValueHeads * config.DHead, config.DModel]);

    /// <summary>W_O, [d_model, n_heads · d_head].</summary>
    public static WeightSpec Output(ModelConfig config, int layer) =>
        new(Key(layer, "self_attn.o_proj.weight"), [config.DModel, config.NHeads * config.DHead]);

    /// <summary>W_gate, [d_mlp, d_model].</summary>
    public static WeightSpec Gate(ModelConfig config, int layer) => new(Key(layer, "mlp.gate_proj.weight"), [config.DMlp, config.DModel]);

    /// <summary>W_in, [d_mlp, d_model].</summary>
    public static WeightSpec In(ModelConfig config, int layer) => new(Key(layer, "mlp.up_proj.weight"), [config.DMlp, config.DModel]);

    /// <summary>W_out, [d_model, d_mlp].</summary>
    public static WeightSpec Out(ModelConfig config, int layer) => new(Key(layer, "mlp.down_proj.weight"), [config.DModel, config.DMlp]);

    /// <summary>The bias that goes with a matrix, [out].</summary>
    public static WeightSpec BiasOf(WeightSpec matrix) => new(matrix.Key.Replace(".weight", ".bias", StringComparison.Ordinal), [matrix.Shape[0]]);

    /// <summary>Whether a weight is a bias.</summary>
    public static bool IsBias(WeightSpec weight) => weight.Key.EndsWith(".bias", StringComparison.Ordinal);

    /// <summary>Every tensor of one layer.</summary>
    public static IEnumerable<WeightSpec> Layer(ModelConfig config, int layer)
    {
        yield return AttentionNorm(config, layer);
        WeightSpec[] attention = [Query(config, layer), KeyMatrix(config, layer), Value(config, layer), Output(config, layer)];
        foreach (var matrix in attention)
        {
            yield return matrix;
            if (config.AttentionBias) yield return BiasOf(matrix);
        }
        yield return MlpNorm(config, layer);
        WeightSpec[] mlp = [Gate(config, layer), In(config, layer), Out(config, layer)];
        foreach (var matrix in mlp)
        {
            yield return matrix;
            if (config.MlpBias) yield return BiasOf(matrix);
        }
    }

    /// <summary>Every tensor of the checkpoint, in the order of the forward pass.</summary>
    public static IEnumerable<WeightSpec> All(ModelConfig config)
    {
        yield return Embedding(config);
        for (var layer = 0; layer < config.NLayers; layer++)
            foreach (var weight in Layer(config, layer)) yield return weight;
        yield return FinalNorm(config);
        if (!config.TiedEmbeddings) yield return Unembedding(config);
    }

    private static string Key(int layer, string name) => $"model.layers.{layer}.{name}";
}
