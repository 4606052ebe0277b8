namespace PatchKernel;

/// <summary>What edges do to a metric in one pair, exactly or by an estimate.</summary>
public sealed record EdgeResult : EdgeEffects
{
    /// <summary>The prompts and the targets.</summary>
    public required PromptPair Pair { get; init; }

    /// <summary>The clean run, unpatched.</summary>
    public required RunSummary CleanRun { get; init; }

    /// <summary>The corrupt run, unpatched.</summary>
    public required RunSummary CorruptRun { get; init; }

    /// <summary>A metric's name and its number with each edge patched; of exact effects also both targets' logits, as <c>clean_target</c> and <c>corrupt_target</c>.</summary>
    public required IReadOnlyDictionary<string, float[]> Values { get; init; }

    /// <summary>Every edge's logits at the last position, [edges][d_vocab], where they were kept.</summary>
    public float[][]? Logits { get; init; }

    /// <summary>Of an estimate, a metric's name and its scores, not rounded by what the run measures.</summary>
    internal IReadOnlyDictionary<string, float[]>? Estimates { get; init; }

    /// <summary>A metric's own number with each edge patched.</summary>
    /// <param name="metric">The metric.</param>
    /// <exception cref="PatchKernelException">It wasn't measured.</exception>
    public float[] Raw(Metric metric) => Values.TryGetValue(metric.Name, out var values) ? values : throw Unmeasured(metric);

    /// <inheritdoc/>
    public override float[] Scores(Metric? metric = null)
    {
        var measured = metric ?? Metric;
        if (Estimates?.TryGetValue(measured.Name, out var estimates) == true) return estimates;
        var (patched, clean, corrupt) = (Raw(measured), CleanRun.Of(measured), CorruptRun.Of(measured));
        return Direction == Direction.Denoising ? [.. patched.Select(value => value - corrupt)] : [.. patched.Select(value => clean - value)];
    }

    /// <summary>One line: what ran, how many edges, and the strongest.</summary>
    public override string ToString() => $"{Model.Name}: {Summary}";

    internal override IReadOnlyList<PromptPair> Over => [Pair];
}
