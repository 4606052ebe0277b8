using PatchKernel.Metrics;

namespace PatchKernel.Circuits;

/// <summary>Means of edges' scores over pairs, which come one by one.</summary>
/// <param name="metrics">The metrics.</param>
/// <param name="pairs">How many pairs there will be.</param>
/// <param name="keeps">Whether each pair's scores are kept.</param>
internal sealed class EdgeMeans(IReadOnlyList<Metric> metrics, int pairs, bool keeps)
{
    private readonly double[]?[] means = new double[metrics.Count][], squares = new double[metrics.Count][];
    private readonly float[][][] kept = [.. metrics.Select(_ => keeps ? new float[pairs][] : [])];
    private readonly Baseline[] runs = new Baseline[pairs];
    private int count;

    /// <summary>Takes a pair's scores.</summary>
    /// <param name="pair">The pair's place.</param>
    /// <param name="found">Its scores.</param>
    /// <remarks>Welford 1962, "Note on a Method for Calculating Corrected Sums of Squares and Products".</remarks>
    public void Add(int pair, PairScores found)
    {
        (runs[pair], count) = (found.Baseline, count + 1);
        foreach (var (metric, scores) in found.Scores.Index())
        {
            var (mean, square) = (means[metric] ??= new double[scores.Length], squares[metric] ??= new double[scores.Length]);
            for (var edge = 0; edge < scores.Length; edge++)
            {
                var away = scores[edge] - mean[edge];
                mean[edge] += away / count;
                square[edge] += away * (scores[edge] - mean[edge]);
            }
            if (keeps) kept[metric][pair] = scores;
        }
    }

    /// <summary>The result, without its conventions and positions.</summary>
    public EdgeAverage Result(LanguageModel model, IReadOnlyList<PromptPair> all, IReadOnlyList<Edge> edges, string method, Direction direction) => new()
    {
        Model = model.Summary,
        Pairs = all,
        Edges = edges,
        Method = method,
        Direction = direction,
        Metrics = metrics,
        Runs = runs,
        Intervals = metrics.Index().ToDictionary(
            metric => metric.Item.Name, metric => means[metric.Index]!.Zip(squares[metric.Index]!, (mean, square) => MeanInterval.Of(mean, square, count)).ToArray()),
        PairScores = keeps ? metrics.Index().ToDictionary(metric => metric.Item.Name, metric => kept[metric.Index]) : null,
    };
}
