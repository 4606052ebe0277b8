using PatchKernel.Sweeps;

namespace PatchKernel;

/// <summary>How a sweep's cells are estimated by gradients, and on how many the estimate is checked.</summary>
public sealed record EstimateOptions
{
    internal const string SoftmaxName = "qk", GradDropName = "grad-drop";

    /// <summary>Of integrated gradients, how many points the path has, m.</summary>
    public int Steps { get; init; } = 5;

    /// <summary>Of integrated gradients, which points k / m of the path: k = 0 … m − 1 by default, of which the first is the run that is patched.</summary>
    public PathPoints Points { get; init; } = PathPoints.FromZero;

    /// <summary>What is done about known faults; nothing by default.</summary>
    public EstimateFixes Fixes { get; init; } = EstimateFixes.None;

    /// <summary>How many cells are computed exactly too, half of them the largest, half drawn by the sweep's seed from the others that a patch can change; 0 for none.</summary>
    public int Check { get; init; } = 50;

    /// <summary>The fix of a name; null where there is none.</summary>
    internal static EstimateFixes? FixOf(string name) => name switch
    {
        SoftmaxName => EstimateFixes.Softmax,
        GradDropName => EstimateFixes.GradDrop,
        _ => null,
    };

    /// <summary>Whether a fix is there.</summary>
    internal bool Has(EstimateFixes fix) => (Fixes & fix) != 0;

    /// <summary>The points of the path from the run that is patched, 0, to the one that activations come from, 1.</summary>
    internal IReadOnlyList<double> Alphas(SweepMethod method) => method == SweepMethod.Atp ? [0] : GradientPath.Alphas(Points, Steps);

    /// <summary>The conventions in words, for results and captions.</summary>
    internal string Conventions(SweepOptions options)
    {
        var other = options.Source is PatchSource.Noise ? "noised" : "corrupt";
        var source = options.Source is PatchSource.Resampled ? "resampled" : null;
        var (from, to) = options.Direction == Direction.Denoising ? (other, source ?? "clean") : ("clean", source ?? other);
        string[] parts =
        [
            options.Method == SweepMethod.Atp ? $"gradient at the {from} run" : $"embeddings' path from the {from} to the {to} run, {GradientPath.Text(Points, Steps)}",
            .. options.Window > 1 ? (string[])["a window's layers added up, each as if the others weren't patched"] : [],
            .. Has(EstimateFixes.Softmax) ? (string[])["queries and keys through the softmax exactly"] : [],
            .. Has(EstimateFixes.GradDrop) ? (string[])["GradDrop: mean size with one layer after another left out of the gradient, signed as with none left out"] : [],
        ];
        return string.Join("; ", parts);
    }

    /// <summary>Refuses what can't be estimated, or can't be in that way.</summary>
    /// <param name="options">The sweep's.</param>
    /// <param name="layers">The model's number of layers; null where that isn't known.</param>
    /// <exception cref="PatchKernelException">An option is out of range, or two don't go together.</exception>
    internal void CheckWith(SweepOptions options, int? layers)
    {
        if (Check < 0) throw new PatchKernelException($"{Check} cells can't be checked; give a number from 0 on.");
        GradientPath.Check(Steps);
        if (!options.Method.IsEstimate() && Fixes != EstimateFixes.None)
            throw new PatchKernelException("Fixes are for estimates, and this sweep is exact; choose atp or ig, or leave them out.");
        if (!options.Method.IsEstimate()) return;
        if (options.KeepLogits || options.Verify > 0)
            throw new PatchKernelException("Attribution patching estimates metrics, so there are no logits to keep or to verify; leave both out, or sweep exactly.");
        if (Has(EstimateFixes.Softmax) && options.Site is not (Activation.Q or Activation.K))
            throw new PatchKernelException($"The fix {SoftmaxName} is for the sites q and k, whose way leads through the softmax, and this is {options.Site.Name()}; leave it out.");
        if (Has(EstimateFixes.GradDrop) && layers == 1)
            throw new PatchKernelException($"The fix {GradDropName} leaves out one layer after another, and this model has one; leave it out.");
        if (options.Method == SweepMethod.Ig && options.Source is PatchSource.Zeros or PatchSource.Mean)
            throw new PatchKernelException($"Integrated gradients follow the embeddings from the run that is patched to the one that activations come from, and {(options.Source is PatchSource.Zeros ? "zeros come" : "a mean comes")} from no run; take atp, or another source.");
    }

    /// <summary>Refuses a path between runs of unequal length.</summary>
    /// <param name="method">The estimate.</param>
    /// <param name="from">Tokens of the run that is patched.</param>
    /// <param name="to">Of the run that activations come from.</param>
    /// <exception cref="PatchKernelException">There is no path.</exception>
    internal static void CheckLengths(SweepMethod method, int from, int to)
    {
        if (method == SweepMethod.Ig && from != to)
            throw new PatchKernelException($"Integrated gradients need prompts of one length, so that there is a path between their embeddings, and these have {from} and {to} tokens; take atp.");
    }
}
