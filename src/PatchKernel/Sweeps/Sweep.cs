using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Activation patching over a whole grid: which layers and positions cause the model's answer?</summary>
/// <remarks>Causal tracing; Meng et al. 2022, arXiv:2202.05262. Practice: Zhang and Nanda 2023, arXiv:2309.16042.</remarks>
public static class Sweep
{
    /// <summary>The sites that a sweep can patch, by layer and position.</summary>
    public static IReadOnlyList<Activation> Sites { get; } =
        [Activation.ResidPre, Activation.ResidMid, Activation.ResidPost, Activation.AttnOut, Activation.MlpOut];

    /// <summary>Patches one site at every layer and position, a cell at a time, and measures the last position's logits.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pair">The two prompts and their targets.</param>
    /// <param name="options">Site, direction and metric.</param>
    /// <param name="progress">Told how many cells are done.</param>
    /// <param name="cancel">Stops the sweep before its next layer.</param>
    /// <returns>Managed arrays; every tensor the sweep made is freed.</returns>
    /// <exception cref="PatchKernelException">The pair, the site or the gap between the runs makes a sweep impossible; the message says why.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was tripped.</exception>
    public static SweepResult Run(
        Llama model, PromptPair pair, SweepOptions? options = null, IProgress<SweepProgress>? progress = null, CancellationToken cancel = default)
    {
        options ??= new SweepOptions();
        if (!Sites.Contains(options.Site))
            throw new PatchKernelException($"A sweep can't patch {options.Site.Name()}; choose one of {string.Join(", ", Sites.Select(ActivationNames.Name))}.");
        var check = PairCheck.Run(pair, model.Config.DVocab).ThrowIfErrors();

        using var noGrad = no_grad();
        using var clean = model.RunWithCache(pair.Clean.Ids, options.Site);
        using var corrupt = model.RunWithCache(pair.Corrupt.Ids, options.Site);
        var baseline = Baseline.Of(model, pair, clean.NextTokenLogits, corrupt.NextTokenLogits);
        check.WithRuns(baseline, options.Metric).ThrowIfErrors();

        var (baseIds, source) = options.Direction == Direction.Denoising ? (pair.Corrupt.Ids, clean) : (pair.Clean.Ids, corrupt);
        var logits = NaiveSweep.Run(model, options.Site, baseIds, source, [pair.CleanTarget.Id, pair.CorruptTarget.Id], progress, cancel);
        return new SweepResult
        {
            Model = model.Summary,
            Pair = pair,
            Site = options.Site,
            Direction = options.Direction,
            Metric = options.Metric,
            Method = NaiveSweep.Name,
            CleanRun = baseline.Clean,
            CorruptRun = baseline.Corrupt,
            Axes = ["layer", "pos"],
            Shape = [model.Config.NLayers, baseIds.Count],
            Values = new Dictionary<string, float[]>
            {
                [SweepResult.CleanTargetKey] = logits[0],
                [SweepResult.CorruptTargetKey] = logits[1],
                [SweepResult.NormalisedScoreKey] = baseline.Normalise(options.Metric, logits[0], logits[1]),
            },
        };
    }
}
