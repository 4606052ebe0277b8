namespace PatchKernel;

/// <summary>How a study runs.</summary>
public sealed record ExperimentOptions
{
    /// <summary>CPU threads, fixed at the study's first start; by default as many as the model suits.</summary>
    public int? Threads { get; init; }

    /// <summary>The share of the units that this process takes; null for whatever is free.</summary>
    public Shard? Shard { get; init; }

    /// <summary>Whether <c>results.csv</c> and <c>pairs.csv</c> are written too.</summary>
    public bool Csv { get; init; }

    /// <summary>The command line, for the record.</summary>
    public string CommandLine { get; init; } = "";

    /// <summary>Ends the run after the current unit.</summary>
    public CancellationToken EndSoon { get; init; }
}
