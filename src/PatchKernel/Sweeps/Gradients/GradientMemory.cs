using PatchKernel.Models;

namespace PatchKernel.Sweeps;

/// <summary>The memory that estimates by gradients take beside the weights: simple bounds from the shape alone.</summary>
/// <param name="config">The model's shape.</param>
/// <param name="options">What is estimated, and how.</param>
/// <param name="length">The longest run's tokens.</param>
/// <param name="read">How many positions have logits at most.</param>
internal sealed class GradientMemory(ModelConfig config, SweepOptions options, long length, long read)
{
    // While gradients go through a layer there is twice as much again as its graph keeps. Of SmolLM2 and 600 tokens a graph keeps 44 MB, where the bound says 79.
    private const long Backward = 3;

    // Tensors of scores in float64 that a change of the pattern takes at most.
    private const long OfChange = 24;

    /// <summary>Bytes without which an estimate isn't begun: one layer's graph, every layer's stream, the logits' graph, and what changes in a layer.</summary>
    public long Least => Backward * (Layer + sizeof(float) * read * config.DVocab)
        + sizeof(float) * length * config.DModel * (options.Estimate.Has(EstimateFixes.GradDrop) ? 2 : 1) * config.NLayers
        + (options.Estimate.Has(EstimateFixes.Softmax) ? OfChange * sizeof(double) * Scores : 0);

    /// <summary>Bytes where every layer's graph is kept.</summary>
    public long WithAllLayers => Least + (config.NLayers - 1) * Layer;

    private long Scores => config.NHeads * length * length;

    // A forward holds either scores or hidden units at a time, and a graph both.
    private long Layer => ForwardMemory.Layer(config, length, Scores, length) + 4 * sizeof(float) * Math.Min(Scores, length * config.DMlp);
}
