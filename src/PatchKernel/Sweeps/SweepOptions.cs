using PatchKernel.Sweeps;

namespace PatchKernel;

/// <summary>What a sweep patches, what it puts in, and what it measures.</summary>
public sealed record SweepOptions
{
    /// <summary>The activation to patch; resid_post by default.</summary>
    public Activation Site { get; init; } = Activation.ResidPost;

    /// <summary>Whether a cell is one position; by default it is for streams, and for heads and patterns a cell is all positions.</summary>
    public Positions? Positions { get; init; }

    /// <summary>
    /// The positions by what stands there, in place of the token grid: each role is a cell of every layer, patched role to role, so the prompts need not be of
    /// one length. Null for positions.
    /// </summary>
    public IReadOnlyList<TokenRole>? Roles { get; init; }

    /// <summary>Number of layers patched together, centred on the cell's and cut off at the ends; odd, 1 by default, below 2 · n_layers − 1.</summary>
    public int Window { get; init; } = 1;

    /// <summary>Which run is patched; the corrupt one by default.</summary>
    public Direction Direction { get; init; } = Direction.Denoising;

    /// <summary>What is put in; the other run's activation by default.</summary>
    public PatchSource Source { get; init; } = PatchSource.Other;

    /// <summary>
    /// What is measured in each cell; the first is drawn, and by it the runs have to differ. By default the clean target's logit and the logit difference.
    /// </summary>
    public IReadOnlyList<Metric> Metrics { get; init; } = Metric.Usual;

    /// <summary>The first of <see cref="Metrics"/>; set it to measure that one alone.</summary>
    public Metric Metric { get => Metrics[0]; init => Metrics = [value]; }

    /// <summary>How the cells are computed; the wavefront by default.</summary>
    public SweepMethod Method { get; init; } = SweepMethod.Wavefront;

    /// <summary>Of an estimate, how it is made and checked.</summary>
    public EstimateOptions Estimate { get; init; } = new();

    /// <summary>How many random cells are computed once more, the plain way in float32, and compared; by default none, and three where the model computes in a narrower dtype.</summary>
    public int? Verify { get; init; }

    /// <summary>Seed of the cells to verify, or on which an estimate is checked.</summary>
    public int Seed { get; init; }

    /// <summary>
    /// Bytes of memory that the sweep may take beside the weights; by default seven tenths of what is free as it starts. Where all cells together need
    /// more, groups of them go through the layers one after another; an estimate that needs more computes layers twice.
    /// </summary>
    public long? Memory { get; init; }

    /// <summary>Whether every cell's logits are kept, so that metrics can be taken after the sweep too; cells × d_vocab × 4 bytes.</summary>
    public bool KeepLogits { get; init; }

    /// <summary>Whether runs that don't differ by the first metric are swept all the same; they have no score.</summary>
    internal bool MayLackGap { get; init; }

    /// <summary>Refuses what no sweep can do; a sweep does this before anything runs.</summary>
    /// <param name="layers">The model's number of layers; null checks what doesn't depend on a model.</param>
    /// <exception cref="PatchKernelException">An option is out of range, or two don't go together.</exception>
    public void Check(int? layers = null)
    {
        if (Window < 1 || Window % 2 == 0)
            throw new PatchKernelException($"A window of {Window} layers has no middle; give an odd number from 1 on.");
        if (Window > 1 && Window >= 2 * (long)layers.GetValueOrDefault(int.MaxValue) - 1)
            throw new PatchKernelException($"A window of {Window} layers patches all {layers} layers in every cell, so that no cell differs from its neighbours; give {Math.Max(1, 2 * layers!.Value - 3)} at most.");
        _ = SiteTable.Of(Site, Positions);
        CheckRoles();
        if (Memory <= 0) throw new PatchKernelException($"A sweep can't run in {Memory} bytes of memory; give a number above 0.");
        if (Verify < 0) throw new PatchKernelException($"{Verify} cells can't be verified; give a number from 0 on.");
        Estimate.CheckWith(this, layers);
        Metric.CheckNames(Metrics);
        CheckSource();
    }

    private void CheckRoles()
    {
        if (Roles is null) return;
        if (Positions is not null) throw new PatchKernelException("A sweep goes by roles or by positions; leave one of them out.");
        if (Roles.Count == 0) throw new PatchKernelException("A sweep by roles needs at least one, such as last.");
        if (Roles.GroupBy(role => role.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new PatchKernelException($"The role {twice.Key} is named twice; name it once.");
    }

    private void CheckSource()
    {
        switch (Source)
        {
            case PatchSource.Noise { Samples: < 1 or > PatchSource.Noise.MostSamples } noise:
                throw new PatchKernelException($"Noise takes 1 to {PatchSource.Noise.MostSamples} samples, not {noise.Samples}: each is a sweep of its own.");
            case PatchSource.Noise noise when !(noise.StandardDeviation > 0 && (float)noise.StandardDeviation > 0 && noise.StandardDeviation <= PatchSource.Noise.MostDeviation):
                throw new PatchKernelException(FormattableString.Invariant(
                    $"Noise needs a standard deviation above 0 and up to {PatchSource.Noise.MostDeviation}, as a multiple of the embeddings', not {noise.StandardDeviation}."));
            case PatchSource.Mean { Prompts.Count: 0 }:
                throw new PatchKernelException("The mean needs at least one prompt to be taken over.");
            case PatchSource.Mean { EachPosition: false } when Site == Activation.Pattern:
                throw new PatchKernelException("A pattern has no mean over positions; take it at each position, over prompts of the pair's length, or patch another site.");
        }
    }
}

/// <summary>How far a sweep is.</summary>
/// <param name="Done">Cells measured, or for the wavefront the same share of its work.</param>
/// <param name="Total">Cells in all.</param>
public readonly record struct SweepProgress(int Done, int Total)
{
    /// <summary>How many groups of cells go through the layers one after another, since memory doesn't hold all of them; 1 where it does.</summary>
    public int Groups { get; init; } = 1;
}
