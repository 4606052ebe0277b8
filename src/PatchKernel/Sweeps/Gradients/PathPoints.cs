namespace PatchKernel;

/// <summary>Which of a path's points gradients are taken at.</summary>
public enum PathPoints
{
    /// <summary>k / m for k = 0 … m − 1.</summary>
    FromZero,

    /// <summary>k / m for k = 1 … m, as EAP-IG's release of 2024 had it.</summary>
    FromOne,
}
