using PatchKernel.Sweeps;

namespace PatchKernel;

/// <summary>What edges do to a metric, exactly or by an estimate, in one pair or over several: managed arrays with their labels, and no tensor.</summary>
public abstract record EdgeEffects
{
    private protected EdgeEffects()
    {
    }

    /// <summary>The model that ran.</summary>
    public required ModelSummary Model { get; init; }

    /// <summary>The edges, in the order of every array.</summary>
    public required IReadOnlyList<Edge> Edges { get; init; }

    /// <summary>How it was computed: <c>exact</c> is one pass for all edges, <c>exact-naive</c> one full forward an edge; an estimate is <c>eap</c>, <c>eap-ig</c> or <c>eap-ig-activations</c>.</summary>
    public required string Method { get; init; }

    /// <summary>Of an estimate, which gradients it is made of, in words; null of exact effects.</summary>
    public string? Conventions { get; init; }

    /// <summary>Which run is patched.</summary>
    public required Direction Direction { get; init; }

    /// <summary>The positions at which edges are patched; null for all, or over several pairs where roles say which.</summary>
    public IReadOnlyList<int>? Positions { get; init; }

    /// <summary>What stands at the positions at which edges are patched, where they were given by roles.</summary>
    public IReadOnlyList<TokenRole>? Roles { get; init; }

    /// <summary>What was measured.</summary>
    public required IReadOnlyList<Metric> Metrics { get; init; }

    /// <summary>The first of them.</summary>
    public Metric Metric => Metrics[0];

    /// <summary>
    /// What each edge moves a metric towards the clean run: denoising, patched − corrupt run; noising, clean run − patched. In the metric's own unit; over several pairs, the mean.
    /// Where the clean run has the lower number, as of kl, what helps has a minus; <see cref="ScoredGraph"/> has it turned.
    /// </summary>
    /// <param name="metric">The metric; the first of <see cref="Metrics"/> by default.</param>
    /// <exception cref="PatchKernelException">It wasn't measured.</exception>
    public abstract float[] Scores(Metric? metric = null);

    /// <summary>The pair, or all of them.</summary>
    internal abstract IReadOnlyList<PromptPair> Over { get; }

    /// <summary>The first metric's scores.</summary>
    internal virtual ScoredEdge[] ScoredEdges() => [.. Edges.Zip(Scores(), (edge, score) => new ScoredEdge(edge, score))];

    /// <summary>How many edges by which method, and the strongest.</summary>
    private protected string Summary => FormattableString.Invariant(
        $"{Edges.Count:N0} edges by {Method}{(Conventions is null ? "" : $", {Conventions}")}, {SweepFile.NameOf(Direction)}, {Metric.Name}; strongest {Edges[Strongest]} with {Scores()[Strongest]:+0.0000;-0.0000}");

    /// <summary>The place of the edge with the largest score, whatever its sign.</summary>
    private protected int Strongest => Scores() is var scores ? Enumerable.Range(0, scores.Length).MaxBy(edge => Math.Abs(scores[edge])) : 0;

    private protected PatchKernelException Unmeasured(Metric metric) =>
        new($"This result has no {metric.Name}, it has {string.Join(", ", Metrics.Select(known => known.Name))}; name the metric in the options.");
}
