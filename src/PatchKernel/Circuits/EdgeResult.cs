namespace PatchKernel;

/// <summary>What edges do to a metric, exactly or by an estimate: managed arrays with their labels, and no tensor.</summary>
public sealed record EdgeResult
{
    /// <summary>The model that ran.</summary>
    public required ModelSummary Model { get; init; }

    /// <summary>The prompts and the targets.</summary>
    public required PromptPair Pair { get; init; }

    /// <summary>The edges, in the order of every array.</summary>
    public required IReadOnlyList<Edge> Edges { get; init; }

    /// <summary>How it was computed: <c>exact</c> is one pass for all edges, <c>exact-naive</c> one full forward an edge; an estimate is <c>eap</c>, <c>eap-ig</c> or <c>eap-ig-activations</c>.</summary>
    public required string Method { get; init; }

    /// <summary>Of an estimate, which gradients it is made of, in words; null of exact effects.</summary>
    public string? Conventions { get; init; }

    /// <summary>Which run is patched.</summary>
    public required Direction Direction { get; init; }

    /// <summary>The positions at which edges are patched; null for all.</summary>
    public IReadOnlyList<int>? Positions { get; init; }

    /// <summary>What stands at <see cref="Positions"/>, where they were given by roles.</summary>
    public IReadOnlyList<TokenRole>? Roles { get; init; }

    /// <summary>What was measured.</summary>
    public required IReadOnlyList<Metric> Metrics { get; init; }

    /// <summary>The first of them.</summary>
    public Metric Metric => Metrics[0];

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
    public float[] Raw(Metric metric) => Values.TryGetValue(metric.Name, out var values) ? values
        : throw new PatchKernelException($"This result has no {metric.Name}, it has {string.Join(", ", Metrics.Select(known => known.Name))}; name the metric in the options.");

    /// <summary>
    /// What each edge moves a metric towards the clean run: denoising, patched − corrupt run; noising, clean run − patched. In the metric's own unit.
    /// Where the clean run has the lower number, as of kl, what helps has a minus; <see cref="ScoredGraph"/> has it turned.
    /// </summary>
    /// <param name="metric">The metric; the first of <see cref="Metrics"/> by default.</param>
    /// <exception cref="PatchKernelException">It wasn't measured.</exception>
    public float[] Scores(Metric? metric = null)
    {
        var measured = metric ?? Metric;
        if (Estimates?.TryGetValue(measured.Name, out var estimates) == true) return estimates;
        var (patched, clean, corrupt) = (Raw(measured), CleanRun.Of(measured), CorruptRun.Of(measured));
        return Direction == Direction.Denoising ? [.. patched.Select(value => value - corrupt)] : [.. patched.Select(value => clean - value)];
    }

    /// <summary>One line: what ran, how many edges, and the strongest.</summary>
    public override string ToString()
    {
        var scores = Scores();
        var strongest = Enumerable.Range(0, scores.Length).MaxBy(edge => Math.Abs(scores[edge]));
        return FormattableString.Invariant(
            $"{Model.Name}: {Edges.Count:N0} edges by {Method}{(Conventions is null ? "" : $", {Conventions}")}, {(Direction == Direction.Denoising ? "denoising" : "noising")}, {Metric.Name}; strongest {Edges[strongest]} with {scores[strongest]:+0.0000;-0.0000}");
    }
}
