namespace PatchKernel;

/// <summary>An edge and what it does to the metric.</summary>
/// <param name="Edge">The edge.</param>
/// <param name="Score">Its score, in the metric's own unit; over several pairs, the mean.</param>
/// <param name="Exact">Its exact effect, where the score is an estimate and somebody has measured it; over the same pairs.</param>
public readonly record struct ScoredEdge(Edge Edge, float Score, float? Exact = null)
{
    /// <summary>Over several pairs, the mean score's standard error.</summary>
    public float? StandardError { get; init; }

    /// <summary>Over several pairs, the mean score's 95 % confidence interval.</summary>
    public (float Lower, float Upper)? Interval { get; init; }
}
