namespace PatchKernel.Metrics;

/// <summary>Names among a result's values that are no metric's.</summary>
internal static class ValueNames
{
    /// <summary>The clean target's logit.</summary>
    public const string CleanTarget = "clean_target";

    /// <summary>The corrupt target's logit.</summary>
    public const string CorruptTarget = "corrupt_target";

    /// <summary>The first metric's score.</summary>
    public const string Score = "normalised_score";

    /// <summary>Ends the name of the standard deviations over samples of noise.</summary>
    public const string SpreadSuffix = "_std";
}
