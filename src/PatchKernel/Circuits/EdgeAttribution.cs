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
        var check = PairCheck.Run(pair, model.Config.DVocab).ThrowIfErrors();
        options.Check(pair);
        CheckGradients(options.Metrics, pair, model.Config.DVocab);
        using var noGrad = no_grad();
        return OutOfMemory.Guard(() => new EdgeScores(model, new EdgeGraph(model.Config), pair, options, check) { Progress = progress, Cancel = cancel }.Run());
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
