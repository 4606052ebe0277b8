namespace PatchKernel;

/// <summary>One grid to sweep.</summary>
/// <param name="Pair">The two prompts and their targets.</param>
/// <param name="Options">What to patch and to measure.</param>
public sealed record SweepRequest(PromptPair Pair, SweepOptions Options);
