namespace PatchKernel;

/// <summary>What a sweep patches, and what it measures.</summary>
public sealed record SweepOptions
{
    /// <summary>The activation to patch; resid_post by default.</summary>
    public Activation Site { get; init; } = Activation.ResidPost;

    /// <summary>Which run is patched; the corrupt one by default.</summary>
    public Direction Direction { get; init; } = Direction.Denoising;

    /// <summary>What the normalised score is made of; the clean target's logit by default.</summary>
    public Metric Metric { get; init; } = Metric.TargetLogit;
}

/// <summary>How far a sweep is.</summary>
/// <param name="Done">Cells measured.</param>
/// <param name="Total">Cells in all.</param>
public readonly record struct SweepProgress(int Done, int Total);
