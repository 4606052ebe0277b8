using PatchKernel.Metrics;

namespace PatchKernel;

/// <summary>What edges do to a metric over several pairs: each edge's mean score, its standard error and a 95 % confidence interval of the mean (Student's t).</summary>
/// <remarks>One pair is one observation: scores are sums over positions, and means over pairs, as in EAP-IG's code.</remarks>
public sealed record EdgeAverage
{
    /// <summary>The model that ran.</summary>
    public required ModelSummary Model { get; init; }

    /// <summary>The pairs.</summary>
    public required IReadOnlyList<PromptPair> Pairs { get; init; }

    /// <summary>The edges, in the order of every array.</summary>
    public required IReadOnlyList<Edge> Edges { get; init; }

    /// <summary>How the scores were computed, as in <see cref="EdgeResult.Method"/>.</summary>
    public required string Method { get; init; }

    /// <summary>Of an estimate, which gradients it is made of, in words; null of exact effects.</summary>
    public string? Conventions { get; init; }

    /// <summary>Which run is patched.</summary>
    public required Direction Direction { get; init; }

    /// <summary>The positions at which edges are patched; null for all, or where there are roles.</summary>
    public IReadOnlyList<int>? Positions { get; init; }

    /// <summary>What stands at the positions at which edges are patched; null for all, or where there are positions.</summary>
    public IReadOnlyList<TokenRole>? Roles { get; init; }

    /// <summary>What was measured.</summary>
    public required IReadOnlyList<Metric> Metrics { get; init; }

    /// <summary>The first of them.</summary>
    public Metric Metric => Metrics[0];

    /// <summary>Each pair's unpatched runs.</summary>
    public required IReadOnlyList<Baseline> Runs { get; init; }

    /// <summary>A metric's name and every pair's scores, [pairs][edges], where they were kept.</summary>
    public IReadOnlyDictionary<string, float[][]>? PairScores { get; init; }

    /// <summary>A metric's name, and each edge's mean and interval.</summary>
    internal IReadOnlyDictionary<string, MeanInterval[]> Intervals { get; init; } = new Dictionary<string, MeanInterval[]>();

    /// <summary>Each edge's mean score: what it moves a metric towards the clean run, in the metric's own unit.</summary>
    /// <param name="metric">The metric; the first of <see cref="Metrics"/> by default.</param>
    /// <exception cref="PatchKernelException">It wasn't measured.</exception>
    public float[] Scores(Metric? metric = null) => Of(metric, interval => interval.Mean);

    /// <summary>The means' standard errors; not numbers where there is one pair.</summary>
    /// <param name="metric">The metric; the first of <see cref="Metrics"/> by default.</param>
    /// <exception cref="PatchKernelException">It wasn't measured.</exception>
    public float[] StandardErrors(Metric? metric = null) => Of(metric, interval => interval.StandardError);

    /// <summary>The intervals' lower ends; not numbers where there is one pair.</summary>
    /// <param name="metric">The metric; the first of <see cref="Metrics"/> by default.</param>
    /// <exception cref="PatchKernelException">It wasn't measured.</exception>
    public float[] Lower(Metric? metric = null) => Of(metric, interval => interval.Lower);

    /// <summary>The intervals' upper ends; not numbers where there is one pair.</summary>
    /// <param name="metric">The metric; the first of <see cref="Metrics"/> by default.</param>
    /// <exception cref="PatchKernelException">It wasn't measured.</exception>
    public float[] Upper(Metric? metric = null) => Of(metric, interval => interval.Upper);

    /// <summary>One line: what ran, how many pairs and edges, and the strongest.</summary>
    public override string ToString()
    {
        var (scores, errors) = (Scores(), StandardErrors());
        var strongest = Enumerable.Range(0, scores.Length).MaxBy(edge => Math.Abs(scores[edge]));
        var error = float.IsNaN(errors[strongest]) ? "" : FormattableString.Invariant($" ± {errors[strongest]:0.0000}");
        return FormattableString.Invariant(
            $"{Model.Name}, {(Pairs.Count == 1 ? "one pair" : $"{Pairs.Count:N0} pairs")}: {Edges.Count:N0} edges by {Method}{(Conventions is null ? "" : $", {Conventions}")}, {(Direction == Direction.Denoising ? "denoising" : "noising")}, {Metric.Name}; strongest {Edges[strongest]} with {scores[strongest]:+0.0000;-0.0000}{error}");
    }

    /// <summary>The first metric's mean scores, with their errors and intervals where there are several pairs.</summary>
    internal ScoredEdge[] ScoredEdges() => [.. Edges.Zip(Intervals[Metric.Name], (edge, interval) => new ScoredEdge(edge, (float)interval.Mean)
    {
        StandardError = Pairs.Count > 1 ? (float)interval.StandardError : null,
        Interval = Pairs.Count > 1 ? ((float)interval.Lower, (float)interval.Upper) : null,
    })];

    private float[] Of(Metric? metric, Func<MeanInterval, double> number) => Intervals.TryGetValue((metric ?? Metric).Name, out var intervals) ? [.. intervals.Select(interval => (float)number(interval))]
        : throw new PatchKernelException($"This result has no {metric!.Name}, it has {string.Join(", ", Metrics.Select(known => known.Name))}; name the metric in the options.");
}
