namespace PatchKernel;

/// <summary>Chooses what of a study a chart shows, and how it looks. Where nothing is chosen, all is shown, side by side.</summary>
public sealed record StudyChartOptions : ChartOptions
{
    /// <summary>The metric; by default the first that has scores. Of a metric without scores its mean value is drawn.</summary>
    public string? Metric { get; init; }

    /// <summary>A column of the pairs, such as <c>relation</c>: a panel for each of its groups. By default all pairs are in one.</summary>
    public string? By { get; init; }

    /// <summary>One model of several.</summary>
    public string? Model { get; init; }

    /// <summary>One site of several.</summary>
    public string? Site { get; init; }

    /// <summary>One direction of both, <c>denoising</c> or <c>noising</c>.</summary>
    public string? Direction { get; init; }

    /// <summary>Some roles of many, in this order; by default all.</summary>
    public IReadOnlyList<string>? Roles { get; init; }

    /// <summary>The colours of a heatmap; by default <see cref="ColourScale.Purples"/>, of heads <see cref="ColourScale.Diverging"/>.</summary>
    public ColourScale? Scale { get; init; }
}
