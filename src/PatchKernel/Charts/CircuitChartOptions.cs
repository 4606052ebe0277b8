namespace PatchKernel;

/// <summary>What a circuit's chart says, and how it looks.</summary>
public sealed record CircuitChartOptions : ChartOptions
{
    /// <summary>The lines under the title: model, pair, metric, method and sign, as a circuit file has them.</summary>
    public IReadOnlyList<string> Caption { get; init; } = [];

    /// <summary>How many edges are drawn at most, the strongest; by default 500.</summary>
    public int Most { get; init; } = 500;
}
