namespace PatchKernel;

/// <summary>How a heatmap looks; the defaults are the tutorial's.</summary>
public sealed record HeatmapOptions : ChartOptions
{
    /// <summary>
    /// Its colours: <see cref="ColourScale.Purples"/> from 0 to 1, or <see cref="ColourScale.Diverging"/>, symmetric about 0, which heads with negative scores have by default.
    /// </summary>
    public ColourScale? Scale { get; init; }

    /// <summary>The metric that is drawn; the result's first by default.</summary>
    public Metric? Metric { get; init; }

    /// <summary>Whether the metric's own numbers are drawn in the place of scores, from their lowest to their highest; those of a metric without score are in any case.</summary>
    public bool Raw { get; init; }
}
