namespace PatchKernel;

/// <summary>What one cell covers.</summary>
public enum Positions
{
    /// <summary>One position; of a pattern, one query row.</summary>
    Each,

    /// <summary>All positions.</summary>
    All,
}
