using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>One full forward a cell: the plain way, which faster ways are checked against.</summary>
internal static class NaiveSweep
{
    /// <summary>The method's name in result files.</summary>
    public const string Name = "naive";

    /// <summary>Patches every layer and position in turn.</summary>
    /// <param name="model">The model.</param>
    /// <param name="site">What to patch; an activation of [batch, pos, …].</param>
    /// <param name="baseIds">The prompt that is run again for each cell.</param>
    /// <param name="source">The run that the patches come from, with <paramref name="site"/> kept.</param>
    /// <param name="targets">The two token ids to measure.</param>
    /// <param name="progress">Told after each cell.</param>
    /// <param name="cancel">Stops before the next layer.</param>
    /// <returns>Each target's logit after each patch, row-major over layer × pos.</returns>
    public static float[][] Run(
        Llama model, Activation site, IReadOnlyList<int> baseIds, CachedRun source, int[] targets,
        IProgress<SweepProgress>? progress, CancellationToken cancel)
    {
        var cells = model.Config.NLayers * baseIds.Count;
        float[][] logits = [.. targets.Select(_ => new float[cells])];
        for (var cell = 0; cell < cells; cell++)
        {
            var (layer, pos) = Math.DivRem(cell, baseIds.Count);
            using var scope = NewDisposeScope();
            var patched = model.LastLogits(baseIds, new Patch(site, layer, pos, source[site, layer]), cancel);
            var measured = patched.index_select(0, tensor(targets, device: model.Device)).ToFloats();
            for (var target = 0; target < targets.Length; target++) logits[target][cell] = measured[target];
            progress?.Report(new SweepProgress(cell + 1, cells));
        }
        return logits;
    }
}
