namespace PatchKernel;

/// <summary>How a heatmap looks; the defaults are the tutorial's.</summary>
public sealed record HeatmapOptions : ChartOptions
{
    /// <summary>Its colours: <see cref="ColourScale.Purples"/> from 0 to 1, or <see cref="ColourScale.Diverging"/>, symmetric about 0.</summary>
    public ColourScale Scale { get; init; } = ColourScale.Purples;
}
