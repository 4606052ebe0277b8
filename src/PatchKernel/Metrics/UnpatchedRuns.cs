namespace PatchKernel.Metrics;

/// <summary>A pair's unpatched runs: logits at the positions that are read, flat, [positions · d_vocab].</summary>
/// <param name="Pair">The pair.</param>
/// <param name="Clean">The clean run's.</param>
/// <param name="Corrupt">The corrupt run's; of noise, their mean over the samples.</param>
internal sealed record UnpatchedRuns(PromptPair Pair, float[] Clean, float[] Corrupt);
