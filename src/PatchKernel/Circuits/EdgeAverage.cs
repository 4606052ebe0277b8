using PatchKernel.Metrics;

namespace PatchKernel;

/// <summary>What edges do to a metric over several pairs: each edge's mean score, its standard error and a 95 % confidence interval of the mean (Student's t).</summary>
/// <remarks>One pair is one observation: scores are sums over positions, and means over pairs, as in EAP-IG's code.</remarks>
public sealed record EdgeAverage : EdgeEffects
{
    /// <summary>The pairs.</summary>
    public required IReadOnlyList<PromptPair> Pairs { get; init; }

    /// <summary>Each pair's unpatched runs.</summary>
    public required IReadOnlyList<Baseline> Runs { get; init; }

    /// <summary>A metric's name and every pair's scores, [pairs][edges], where they were kept.</summary>
    public IReadOnlyDictionary<string, float[][]>? PairScores { get; init; }

    /// <summary>A metric's name, and each edge's mean and interval.</summary>
    internal IReadOnlyDictionary<string, MeanInterval[]> Intervals { get; init; } = new Dictionary<string, MeanInterval[]>();

    /// <inheritdoc/>
    public override float[] Scores(Metric? metric = null) => Of(metric, interval => interval.Mean);

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
        var error = StandardErrors()[Strongest];
        return FormattableString.Invariant(
            $"{Model.Name}, {(Pairs.Count == 1 ? "one pair" : $"{Pairs.Count:N0} pairs")}: {Summary}{(float.IsNaN(error) ? "" : FormattableString.Invariant($" ± {error:0.0000}"))}");
    }

    internal override IReadOnlyList<PromptPair> Over => Pairs;

    /// <summary>The first metric's mean scores, with their errors and intervals where there are several pairs.</summary>
    internal override ScoredEdge[] ScoredEdges() => [.. Edges.Zip(Intervals[Metric.Name], (edge, interval) => new ScoredEdge(edge, (float)interval.Mean)
    {
        StandardError = Pairs.Count > 1 ? (float)interval.StandardError : null,
        Interval = Pairs.Count > 1 ? ((float)interval.Lower, (float)interval.Upper) : null,
    })];

    private float[] Of(Metric? metric, Func<MeanInterval, double> number) => Intervals.TryGetValue((metric ?? Metric).Name, out var intervals)
        ? [.. intervals.Select(interval => (float)number(interval))] : throw Unmeasured(metric ?? Metric);
}
