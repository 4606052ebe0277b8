using PatchKernel.Metrics;
using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Circuits;

/// <summary>Estimates of every edge under way, of one pair or several: runs of equal length go through the layers together, as many as there is memory for.</summary>
internal sealed class EdgeScores(LanguageModel model, EdgeGraph graph, AttributionOptions options)
{
    private int done, expected;

    /// <summary>Receives the number of gradients done.</summary>
    public IProgress<SweepProgress>? Progress { get; init; }

    /// <summary>Stops before the next layer.</summary>
    public CancellationToken Cancel { get; init; }

    /// <summary>Estimates the edges of some pairs.</summary>
    /// <param name="pairs">The pairs.</param>
    /// <param name="found">Receives a pair's place and its scores; pairs of one length come together.</param>
    public void Run(IReadOnlyList<PromptPair> pairs, Action<int, PairScores> found)
    {
        (done, expected) = (0, pairs.Count * Points);
        Progress?.Report(new SweepProgress(done, expected));
        var alike = pairs.Index().Select(pair => (Pair: pair, Run: UnpatchedRuns.Run(pair.Item, pair.Item.Clean, options.Metrics))).GroupBy(pair => (pair.Run.Ids.Count, pair.Run.Read));
        foreach (var group in alike)
        {
            var batches = EdgeBatches.Of(model, graph, group.Key.Count, options.Memory);
            foreach (var part in group.Chunk(batches.Pairs(options.Alphas.Length)))
                foreach (var (pair, scores) in part.Zip(OfBatch(pairs, [.. part.Select(pair => pair.Pair)], batches, group.Key.Read))) found(pair.Pair.Index, scores);
        }
    }

    private bool OverSublayers => options.Method == EdgeMethod.EapIgActivations;

    /// <summary>Gradients a pair.</summary>
    private int Points => options.Alphas.Length * (OverSublayers ? 1 + 2 * model.Config.NLayers : 1);

    private PairScores[] OfBatch(IReadOnlyList<PromptPair> all, (int Index, PromptPair Pair)[] pairs, EdgeBatches batches, int read)
    {
        using var scope = NewDisposeScope();
        using var outputs = new PairOutputs(model, graph, [.. pairs.Select(pair => pair.Pair)], options.Metrics, OverSublayers, Cancel);
        Baseline[] baselines = [.. outputs.Runs.Select(runs => Baseline.Of(model, runs, options.Metrics))];
        foreach (var ((index, pair), baseline) in pairs.Zip(baselines))
            EdgePairs.Named(all, index, () => PairCheck.Run(pair).WithRuns(baseline, options.Metric).ThrowIfErrors());
        var sums = new ScoreSums(graph, Counting(outputs.Differences, pairs), options.Metrics.Count);
        var gradients = new EdgeGradients(model, read, batches.KeepsGraphs);
        Func<Tensor, Tensor>[] metrics = [.. options.Metrics.Select(metric => (Func<Tensor, Tensor>)(logits => OfPairs(metric, logits, outputs.Runs)))];
        foreach (var alphas in options.Alphas.Chunk(Math.Max(1, batches.Runs / pairs.Length)))
            foreach (var (embedded, put) in Paths(outputs, alphas))
            {
                using var pathScope = NewDisposeScope();
                sums.Expect(alphas.Length);
                gradients.Of(embedded(), alphas.Length, put?.Invoke(), metrics, sums.Add, Cancel);
                Progress?.Report(new SweepProgress(done += pairs.Length * alphas.Length, expected));
            }
        var scores = sums.Means();
        return [.. baselines.Select((baseline, pair) => new PairScores(baseline, [.. scores.Select(metric => metric[pair])]))];
    }

    /// <summary>
    /// The embeddings' path from the corrupt to the clean run at some points; over sublayers, also clean runs in which one sublayer's output goes from the corrupt run's to the
    /// clean run's.
    /// </summary>
    private IEnumerable<(Func<Tensor> Embedded, Func<SublayerValue>? Put)> Paths(PairOutputs outputs, double[] alphas)
    {
        yield return (() => Between(outputs.Embeddings, alphas), null);
        if (!OverSublayers) yield break;
        for (var layer = 0; layer < model.Config.NLayers; layer++)
            foreach (var activation in (Activation[])[Activation.AttnOut, Activation.MlpOut])
            {
                var at = layer;
                yield return (() => Between(outputs.Embeddings with { Corrupt = outputs.Embeddings.Clean }, alphas),
                    () => new SublayerValue(activation, at, Between(outputs.Sublayer(activation, at), alphas).flatten(0, 1)));
            }
    }

    /// <summary>Points between two values of each pair, [pairs, pos, d_model] to [pairs · points, pos, d_model].</summary>
    private static Tensor Between((Tensor Clean, Tensor Corrupt) ends, double[] alphas)
    {
        using var scope = NewDisposeScope();
        var step = ends.Clean - ends.Corrupt;
        return scope.MoveToOuter(stack([.. alphas.Select(alpha => ends.Corrupt.Plus(step.Times(alpha)))], 1).flatten(0, 1));
    }

    /// <summary>A metric's numbers of runs, each pair's together.</summary>
    private static Tensor OfPairs(Metric metric, Tensor logits, IReadOnlyList<UnpatchedRuns> runs) =>
        cat([.. logits.chunk(runs.Count).Zip(runs, (some, pair) => WithGradient(metric, some, pair))]);

    /// <summary>A metric's number of the logits, through which a gradient flows.</summary>
    /// <exception cref="PatchKernelException">None does.</exception>
    public static Tensor WithGradient(Metric metric, Tensor logits, UnpatchedRuns runs) => metric.Of(new MetricInput(logits, runs)) is { requires_grad: true } number ? number
        : throw new PatchKernelException($"The metric {metric.Name} has no gradient, so edges can't be estimated by one; take another, or patch them exactly.");

    /// <summary>Differences at the positions that count.</summary>
    private Tensor Counting(Tensor differences, (int Index, PromptPair Pair)[] pairs)
    {
        if (options.Positions is null && options.Roles is null) return differences;
        var length = (int)differences.shape[2];
        var counts = pairs.Select(pair => SenderDifferences.Counts(EdgePositions.Of(options.Positions, options.Roles, pair.Pair)!, 0, length, differences));
        return differences * stack([.. counts]).unsqueeze(1);
    }
}
