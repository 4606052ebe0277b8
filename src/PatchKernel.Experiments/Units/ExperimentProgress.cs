namespace PatchKernel;

/// <summary>How far a run is.</summary>
/// <param name="Done">Units that are done, by whomever.</param>
/// <param name="Total">Units in all.</param>
/// <param name="Message">What was done, in a line; null while a unit runs.</param>
public sealed record ExperimentProgress(int Done, int Total, string? Message)
{
    /// <summary>Whether the message is about the data, rather than a unit that was done.</summary>
    public bool IsNote { get; init; }

    /// <summary>How far the current unit is, from 0 to 1.</summary>
    public double OfUnit { get; init; }

    /// <summary>About how long the rest takes; null before the first unit.</summary>
    public TimeSpan? Left { get; init; }
}
