namespace PatchKernel;

/// <summary>An estimate and the exact effect that it stands for.</summary>
/// <param name="Name">What was estimated: an edge, or a cell of a sweep.</param>
/// <param name="Estimate">The estimate.</param>
/// <param name="Exact">The exact effect, in the same unit.</param>
public readonly record struct AgreementPoint(string Name, float Estimate, float Exact);
