using PatchKernel.Models;
using PatchKernel.Sweeps;
using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Activation patching over a whole grid: which layers and positions cause the model's answer?</summary>
/// <remarks>Causal tracing; Meng et al. 2022, arXiv:2202.05262. Practice: Zhang and Nanda 2023, arXiv:2309.16042.</remarks>
public static partial class Sweep
{
    /// <summary>The activations that a sweep can patch.</summary>
    public static IReadOnlyList<Activation> Sites => SiteTable.Activations;

    /// <summary>The activations that a sweep can patch in a model: there is no resid_mid where attention and MLP run in parallel.</summary>
    /// <param name="config">The model's.</param>
    public static IReadOnlyList<Activation> SitesOf(ModelConfig config) => SiteTable.ActivationsIn(config);

    /// <summary>Patches one site cell by cell, and measures the last position's logits.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pair">The two prompts and their targets.</param>
    /// <param name="options">What to patch and to measure.</param>
    /// <param name="progress">Receives the number of cells done.</param>
    /// <param name="cancel">Stops the sweep before its next layer; in a notebook, the stop button does where none is given.</param>
    /// <returns>Managed arrays; every tensor the sweep made is freed.</returns>
    /// <exception cref="PatchKernelException">The pair, an option or the gap between the runs makes a sweep impossible; the message says why.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static SweepResult Run(
        LanguageModel model, PromptPair pair, SweepOptions? options = null, IProgress<SweepProgress>? progress = null, CancellationToken cancel = default) =>
        Run(model, [new SweepRequest(pair, options ?? new SweepOptions())], progress, cancel)[0];

    /// <summary>Sweeps several grids in one pass: many pairs, or many sites of one pair. Each weight is read once for all of them.</summary>
    /// <param name="model">The model.</param>
    /// <param name="requests">The grids; all with the same method.</param>
    /// <param name="progress">Receives the number of cells done.</param>
    /// <param name="cancel">Stops the sweep before its next layer; in a notebook, the stop button does where none is given.</param>
    /// <returns>A result for each request, in their order.</returns>
    /// <exception cref="PatchKernelException">A pair, an option or the gap between the runs makes a sweep impossible; the message says why.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static IReadOnlyList<SweepResult> Run(
        LanguageModel model, IReadOnlyList<SweepRequest> requests, IProgress<SweepProgress>? progress = null, CancellationToken cancel = default)
    {
        cancel = HostStop.Or(cancel);
        foreach (var request in requests) PairCheck.Run(request.Pair, model.Config.DVocab, byRole: request.Options.Roles is not null).ThrowIfErrors();
        SweepMethod[] methods = [.. requests.Select(request => request.Options.Method).Distinct()];
        if (methods.Length != 1) throw new PatchKernelException("A pass needs at least one grid, and one method for all of them.");
        using var noGrad = no_grad();
        return OutOfMemory.Guard(() =>
        {
            using var plan = new SweepPlan(model, requests);
            return new SweepRun(model, plan, progress, cancel).Run(methods[0]);
        });
    }
}
