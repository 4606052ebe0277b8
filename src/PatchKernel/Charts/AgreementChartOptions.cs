namespace PatchKernel;

/// <summary>What a chart of estimates against exact effects says, and how it looks.</summary>
public sealed record AgreementChartOptions : ChartOptions
{
    /// <summary>The lines under the title: model, pair, metric and conventions.</summary>
    public IReadOnlyList<string> Caption { get; init; } = [];

    /// <summary>The vertical axis: the estimate, its method and unit.</summary>
    public string Estimate { get; init; } = "Estimate";

    /// <summary>The horizontal axis: the exact effect and its unit.</summary>
    public string Exact { get; init; } = "Exact effect";
}
