namespace PatchKernel;

/// <summary>What a run has places for: a tap can tell before it whether it will find its own.</summary>
/// <param name="Layers">Number of blocks.</param>
/// <param name="Positions">Number of tokens.</param>
/// <param name="Heads">Number of query heads.</param>
/// <param name="KeyValueHeads">Number of key and value heads.</param>
public readonly record struct RunShape(int Layers, int Positions, int Heads, int KeyValueHeads);
