namespace PatchKernel;

/// <summary>An edge and what it does to the metric.</summary>
/// <param name="Edge">The edge.</param>
/// <param name="Score">Its score, in the metric's own unit.</param>
/// <param name="Exact">Its exact effect, where the score is an estimate and somebody has measured it.</param>
public readonly record struct ScoredEdge(Edge Edge, float Score, float? Exact = null);
