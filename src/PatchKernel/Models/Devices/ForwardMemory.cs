namespace PatchKernel.Models;

/// <summary>How much memory a forward pass takes beside the weights: simple bounds from the shape alone.</summary>
internal static class ForwardMemory
{
    /// <summary>Bytes of one full forward, with logits at the last position alone.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="length">The prompt's tokens.</param>
    /// <param name="wholePattern">Whether something sees the pattern, which is then there as a whole.</param>
    public static long Of(ModelConfig config, long length, bool wholePattern) =>
        Layer(config, length, Scores(config, length, length, wholePattern), Math.Min(length, Mlp.MostRows)) + sizeof(float) * (long)config.DVocab;

    /// <summary>Bytes of a layer's activations when they are at their most.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="positions">Positions that are computed.</param>
    /// <param name="scores">Attention scores that are there at once.</param>
    /// <param name="hidden">Positions whose hidden units of the MLP are there at once.</param>
    public static long Layer(ModelConfig config, long positions, long scores, long hidden)
    {
        // The stream, its norm, attn_out, resid_mid and resid_post; q, k and v before and after the rotary embedding, and z.
        var wide = 5L * config.DModel + (3L * config.NHeads + 3L * config.NKeyValueHeads) * config.DHead;
        // Scores, scaled, masked, and the pattern; gate, its SiLU, in, and their product.
        return sizeof(float) * (positions * wide + 4 * Math.Max(scores, hidden * config.DMlp));
    }

    /// <summary>How many attention scores there are at once.</summary>
    public static long Scores(ModelConfig config, long queries, long keys, bool whole) =>
        whole ? config.NHeads * Math.Max(queries, keys) * keys : Math.Min(config.NHeads * queries * keys, QueryBlocks.MostScores);
}
