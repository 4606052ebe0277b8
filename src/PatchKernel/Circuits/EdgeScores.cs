using PatchKernel.Metrics;
using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Circuits;

/// <summary>Estimates of every edge under way.</summary>
internal sealed class EdgeScores(LanguageModel model, EdgeGraph graph, PromptPair pair, AttributionOptions options, PairCheck check)
{
    /// <summary>Receives the number of gradients done.</summary>
    public IProgress<SweepProgress>? Progress { get; init; }

    /// <summary>Stops before the next layer.</summary>
    public CancellationToken Cancel { get; init; }

    public EdgeResult Run()
    {
        using var scope = NewDisposeScope();
        var (clean, corrupt) = (UnpatchedRuns.Run(pair, pair.Clean, options.Metrics), UnpatchedRuns.Run(pair, pair.Corrupt, options.Metrics));
        using var there = new RunOutputs(model, clean, "The clean run's", Cancel);
        using var here = new RunOutputs(model, corrupt, "The corrupt run's", Cancel);
        var runs = new UnpatchedRuns(pair, there.Logits, here.Logits);
        var baseline = Baseline.Of(model, runs, options.Metrics);
        check.WithRuns(baseline, options.Metric).ThrowIfErrors();
        Func<Tensor, Tensor>[] metrics = [.. options.Metrics.Select(metric => (Func<Tensor, Tensor>)(logits => WithGradient(metric, logits, runs)))];
        var gradients = new EdgeGradients(model, clean.Read, KeepsGraphs(clean.Ids.Count));
        Tensor[] slopes = options.Method == EdgeMethod.EapIgActivations ? OverSublayers(gradients, there, here, metrics) : OverEmbeddings(gradients, there, here, metrics);
        var difference = Counting(there.Senders - here.Senders).flatten(1, 2);
        float[][] scores = [.. slopes.Select(slope => OfEdges(difference.matmul(slope.flatten(1, 2).t()).Counted(difference)))];
        return Result(baseline, scores);
    }

    /// <summary>The mean over points of the path from the corrupt to the clean embeddings.</summary>
    private Tensor[] OverEmbeddings(EdgeGradients gradients, RunOutputs there, RunOutputs here, Func<Tensor, Tensor>[] metrics)
    {
        var (from, to) = (here.Senders[0], there.Senders[0]);
        return Mean([.. options.Alphas.Select(alpha => (Func<Tensor[]>)(() => gradients.Of(Between(from, to, alpha), null, metrics, Cancel)))]);
    }

    /// <summary>The mean over clean runs in which one sublayer's output goes from the corrupt run's to the clean run's.</summary>
    private Tensor[] OverSublayers(EdgeGradients gradients, RunOutputs there, RunOutputs here, Func<Tensor, Tensor>[] metrics)
    {
        using var scope = NewDisposeScope();
        double[] alphas = [.. Enumerable.Range(1, options.Steps).Select(k => (double)k / options.Steps)];
        var (from, to) = (here.Senders[0], there.Senders[0]);
        List<Func<Tensor[]>> points = [.. alphas.Select(alpha => (Func<Tensor[]>)(() => gradients.Of(Between(from, to, alpha), null, metrics, Cancel)))];
        for (var layer = 0; layer < model.Config.NLayers; layer++)
            foreach (var activation in (Activation[])[Activation.AttnOut, Activation.MlpOut])
            {
                var (at, corrupt, clean) = (layer, here[activation, layer], there[activation, layer]);
                points.AddRange(alphas.Select(alpha => (Func<Tensor[]>)(() =>
                    gradients.Of(to, new SublayerValue(activation, at, Between(corrupt, clean, alpha)), metrics, Cancel))));
            }
        var mean = Mean([.. points]);
        return [.. mean.Select(scope.MoveToOuter)];
    }

    private Tensor[] Mean(Func<Tensor[]>[] points)
    {
        using var scope = NewDisposeScope();
        Tensor[]? sums = null;
        foreach (var (done, point) in points.Index())
        {
            using var pointScope = NewDisposeScope();
            var slopes = point();
            if (sums is null) sums = [.. slopes.Select(pointScope.MoveToOuter)];
            else foreach (var (sum, slope) in sums.Zip(slopes)) sum.add_(slope, Scalars.Of(1));
            Progress?.Report(new SweepProgress(done + 1, points.Length));
        }
        return [.. sums!.Select(sum => scope.MoveToOuter(sum.Over(points.Length)))];
    }

    private static Tensor Between(Tensor from, Tensor to, double alpha) => from.Plus((to - from).Times(alpha));

    /// <summary>A metric's number of the logits, through which a gradient flows.</summary>
    /// <exception cref="PatchKernelException">None does.</exception>
    public static Tensor WithGradient(Metric metric, Tensor logits, UnpatchedRuns runs) => metric.Of(new MetricInput(logits, runs)) is { requires_grad: true } number ? number
        : throw new PatchKernelException($"The metric {metric.Name} has no gradient, so edges can't be estimated by one; take another, or patch them exactly.");

    /// <summary>Differences at the positions that count.</summary>
    private Tensor Counting(Tensor difference) => options.Positions is { } positions
        ? difference * SenderDifferences.Counts(positions, 0, (int)difference.shape[1], difference)
        : difference;

    private float[] OfEdges(Tensor all)
    {
        var flat = all.ToFloats(); // [sender, receiver]
        return [.. graph.Places.Select(edge => flat[edge.Sender * graph.Receivers.Count + edge.Receiver])];
    }

    /// <summary>Whether all layers' graphs fit in memory together with weights that stay there: a forward's worth of each layer, and its gradients.</summary>
    private bool KeepsGraphs(int length) => model.DeviceMap.Parts.All(part => part.Home == WeightHome.Device)
        && 4 * model.Config.NLayers * ForwardMemory.Layer(model.Config, length, (long)model.Config.NHeads * length * length, length) < MemoryRoom.Of(model, options.Memory).Planned;

    private EdgeResult Result(Baseline baseline, float[][] scores) => new()
    {
        Model = model.Summary,
        Pair = pair,
        Edges = graph.Edges,
        Method = options.Name,
        Conventions = options.Conventions,
        Direction = options.Direction,
        Positions = options.Positions,
        Metrics = options.Metrics,
        CleanRun = baseline.Clean,
        CorruptRun = baseline.Corrupt,
        Values = options.Metrics.Zip(scores).ToDictionary(entry => entry.First.Name, entry => options.Direction == Direction.Denoising
            ? entry.Second.Select(score => baseline.Corrupt.Of(entry.First) + score).ToArray()
            : [.. entry.Second.Select(score => baseline.Clean.Of(entry.First) - score)]),
        Estimates = options.Metrics.Zip(scores).ToDictionary(entry => entry.First.Name, entry => entry.Second),
    };
}
