using PatchKernel.Circuits;
using PatchKernel.Metrics;
using PatchKernel.Models;
using PatchKernel.Torch;
using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Estimates of every edge's effect by gradients: the sender's difference between both runs, times the metric's gradient at what the receiver reads.</summary>
/// <remarks>
/// Edge attribution patching, Syed et al. 2023, arXiv:2310.10348; with integrated gradients, Hanna et al. 2024, arXiv:2403.17806. They are guesses: <see cref="PathPatching"/>
/// has the exact effects.
/// </remarks>
public static class EdgeAttribution
{
    /// <summary>Estimates every edge.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pair">The two prompts and their targets.</param>
    /// <param name="options">Which estimate, in which convention, of what.</param>
    /// <param name="progress">Receives the number of gradients done.</param>
    /// <param name="cancel">Stops before the next layer; in a notebook, the stop button does where none is given.</param>
    /// <returns>Managed arrays; every tensor that was made is freed.</returns>
    /// <exception cref="PatchKernelException">The pair, an option or the gap between the runs makes it impossible, or a metric has no gradient.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static EdgeResult Run(
        LanguageModel model, PromptPair pair, AttributionOptions? options = null, IProgress<SweepProgress>? progress = null, CancellationToken cancel = default)
    {
        cancel = HostStop.Or(cancel);
        options ??= new();
        EdgePairs.Check(model, [pair], options.Check);
        PairScores? scores = null;
        Run(model, [pair], options, (_, found) => scores = found, progress, cancel);
        return Result(model, pair, options, scores!);
    }

    /// <summary>Estimates every edge over several pairs: means, with their standard errors and intervals. Runs of equal length go through the model together.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pairs">The pairs; lengths may differ from pair to pair.</param>
    /// <param name="options">Which estimate, in which convention, of what.</param>
    /// <param name="progress">Receives the number of gradients done.</param>
    /// <param name="cancel">Stops before the next layer; in a notebook, the stop button does where none is given.</param>
    /// <returns>Managed arrays; every tensor that was made is freed.</returns>
    /// <exception cref="PatchKernelException">There is no pair, a pair, an option or a gap between runs makes it impossible, or a metric has no gradient.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static EdgeAverage Run(
        LanguageModel model, IReadOnlyList<PromptPair> pairs, AttributionOptions? options = null, IProgress<SweepProgress>? progress = null, CancellationToken cancel = default)
    {
        cancel = HostStop.Or(cancel);
        options ??= new();
        EdgePairs.Check(model, pairs, options.Check);
        var means = new EdgeMeans(options.Metrics, pairs.Count, options.KeepPairScores);
        Run(model, pairs, options, means.Add, progress, cancel);
        return means.Result(model, pairs, new EdgeGraph(model.Config).Edges, options.Name, options.Direction) with
        {
            Conventions = options.Conventions,
            Positions = options.Positions,
            Roles = options.Roles,
        };
    }

    private static void Run(
        LanguageModel model, IReadOnlyList<PromptPair> pairs, AttributionOptions options, Action<int, PairScores> found, IProgress<SweepProgress>? progress, CancellationToken cancel)
    {
        CheckGradients(options.Metrics, pairs[0], model.Config.DVocab);
        using var noGrad = no_grad();
        var scores = new EdgeScores(model, new EdgeGraph(model.Config), options) { Progress = progress, Cancel = cancel };
        OutOfMemory.Guard(() => scores.Run(pairs, found));
    }

    private static EdgeResult Result(LanguageModel model, PromptPair pair, AttributionOptions options, PairScores found)
    {
        var (clean, corrupt) = found.Baseline;
        var scores = options.Metrics.Zip(found.Scores).ToDictionary(entry => entry.First.Name, entry => entry.Second);
        return new()
        {
            Model = model.Summary,
            Pair = pair,
            Edges = new EdgeGraph(model.Config).Edges,
            Method = options.Name,
            Conventions = options.Conventions,
            Direction = options.Direction,
            Positions = EdgePositions.Of(options.Positions, options.Roles, pair),
            Roles = options.Roles,
            Metrics = options.Metrics,
            CleanRun = clean,
            CorruptRun = corrupt,
            Values = options.Metrics.ToDictionary(metric => metric.Name, metric => options.Direction == Direction.Denoising
                ? scores[metric.Name].Select(score => corrupt.Of(metric) + score).ToArray()
                : [.. scores[metric.Name].Select(score => clean.Of(metric) - score)]),
            Estimates = scores,
        };
    }

    /// <summary>Refuses metrics without a gradient before anything runs: whether one flows shows in logits of zeros too.</summary>
    /// <exception cref="PatchKernelException">One has none.</exception>
    internal static void CheckGradients(IReadOnlyList<Metric> metrics, PromptPair pair, int vocabulary)
    {
        TorchRuntime.EnsureLoaded();
        using var scope = NewDisposeScope();
        using var gradients = enable_grad();
        var read = Metric.ReadBehind(pair, metrics).Count + 1;
        var logits = zeros(1, read, vocabulary).requires_grad_();
        var runs = new UnpatchedRuns(pair, new float[read * vocabulary], new float[read * vocabulary]);
        foreach (var metric in metrics) EdgeScores.WithGradient(metric, logits, runs);
    }
}
