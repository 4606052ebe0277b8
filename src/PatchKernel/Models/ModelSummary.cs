namespace PatchKernel;

/// <summary>Which model ran, and how.</summary>
/// <param name="Name">Folder or hub name.</param>
/// <param name="Layers">Number of blocks.</param>
/// <param name="Heads">Number of query heads.</param>
/// <param name="Dtype">Compute dtype: <c>float32</c>, <c>bfloat16</c> or <c>float16</c>.</param>
public sealed record ModelSummary(string Name, int Layers, int Heads, string Dtype);
