namespace PatchKernel.Circuits;

/// <summary>What edges were found to do in one pair.</summary>
/// <param name="Baseline">Both unpatched runs.</param>
/// <param name="Scores">Of each metric every edge's score.</param>
internal sealed record PairScores(Baseline Baseline, float[][] Scores);
