using PatchKernel.Models;

namespace PatchKernel.Sweeps;

/// <summary>The memory that estimates by gradients take beside the weights: simple bounds from the shape alone.</summary>
/// <param name="config">The model's shape.</param>
/// <param name="options">What is estimated, and how.</param>
/// <param name="length">The longest run's tokens.</param>
/// <param name="read">How many positions have logits at most.</param>
internal sealed class GradientMemory(ModelConfig config, SweepOptions options, long length, long read)
{
    // What a forward makes of a layer or of logits is kept for its gradients, which take as much again, and copies between.
    private const long Kept = 4;

    private bool ThroughSoftmax => options.Estimate.Has(EstimateFixes.Softmax);

    /// <summary>Bytes without which an estimate isn't begun: one layer's graph, every layer's stream, the logits' graph, and what changes in a layer.</summary>
    public long Least => Layer + Kept * sizeof(float) * read * config.DVocab
        + sizeof(float) * length * config.DModel * (options.Estimate.Has(EstimateFixes.GradDrop) ? 2 : 1) * config.NLayers
        + (ThroughSoftmax ? 8 * sizeof(double) * Scores : 0);

    /// <summary>Bytes where every layer's graph is kept.</summary>
    public long WithAllLayers => Least + (config.NLayers - 1) * Layer;

    private long Scores => config.NHeads * length * length;

    private long Layer => Kept * ForwardMemory.Layer(config, length, Scores, length);
}
