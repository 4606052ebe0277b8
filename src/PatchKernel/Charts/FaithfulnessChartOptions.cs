namespace PatchKernel;

/// <summary>What a chart of faithfulness says, and how it looks.</summary>
public sealed record FaithfulnessChartOptions : ChartOptions
{
    /// <summary>The lines under the title: model, pairs, metric, and what the other edges carried.</summary>
    public IReadOnlyList<string> Caption { get; init; } = [];
}
