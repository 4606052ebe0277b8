using PatchKernel.Circuits;

namespace PatchKernel;

/// <summary>Which edges are patched, at which positions, and what is measured.</summary>
public sealed record PathOptions
{
    /// <summary>The edges, each patched by itself; null for all of the model's.</summary>
    public IReadOnlyList<Edge>? Edges { get; init; }

    /// <summary>
    /// Which run is patched: the corrupt one by default, where one sender's clean output takes the place of its corrupt one in what one receiver reads; noising
    /// corrupts one edge of the clean run, as EAP-IG's exact scores do.
    /// </summary>
    public Direction Direction { get; init; } = Direction.Denoising;

    /// <summary>The positions of the prompt at which an edge is patched; null for all, an answer's behind the prompt included.</summary>
    public IReadOnlyList<int>? Positions { get; init; }

    /// <summary>What stands at the positions at which an edge is patched, in place of <see cref="Positions"/>; each has to be at the same positions of both prompts. Null for all.</summary>
    public IReadOnlyList<TokenRole>? Roles { get; init; }

    /// <summary>What is measured; by the first the runs have to differ. By default the clean target's logit and the logit difference.</summary>
    public IReadOnlyList<Metric> Metrics { get; init; } = Metric.Usual;

    /// <summary>The first of <see cref="Metrics"/>; set it to measure that one alone.</summary>
    public Metric Metric { get => Metrics[0]; init => Metrics = [value]; }

    /// <summary>Whether each edge gets a full forward of its own: slow, and what the wavefront is checked against.</summary>
    public bool Naive { get; init; }

    /// <summary>Bytes of memory that it may take beside the weights; by default seven tenths of what is free.</summary>
    public long? Memory { get; init; }

    /// <summary>Whether every edge's logits are kept; edges × d_vocab × 4 bytes.</summary>
    public bool KeepLogits { get; init; }

    /// <summary>Of several pairs, whether every pair's scores are kept beside the means; pairs × edges × 4 bytes a metric.</summary>
    public bool KeepPairScores { get; init; }

    /// <summary>Refuses what can't be done.</summary>
    /// <exception cref="PatchKernelException">An option is out of range.</exception>
    internal void Check(PromptPair pair)
    {
        Metric.CheckNames(Metrics);
        if (Edges is { Count: 0 }) throw new PatchKernelException("There is no edge to patch; name some, or leave Edges out for all of them.");
        if (Memory <= 0) throw new PatchKernelException($"Path patching can't run in {Memory} bytes of memory; give a number above 0.");
        _ = EdgePositions.Of(Positions, Roles, pair);
    }

    /// <summary>Refuses positions that a prompt doesn't have.</summary>
    /// <exception cref="PatchKernelException">There is such a position, or none at all.</exception>
    internal static void CheckPositions(IReadOnlyList<int>? positions, PromptPair pair)
    {
        if (positions is { Count: 0 }) throw new PatchKernelException("There is no position to patch at; name some, or leave Positions out for all of them.");
        if (positions?.Where(pos => pos < 0 || pos >= pair.Clean.Length).ToArray() is [var outside, ..])
            throw new PatchKernelException($"There is no position {outside} in a prompt of {pair.Clean.Length} tokens; positions run from 0 to {pair.Clean.Length - 1}.");
    }
}
