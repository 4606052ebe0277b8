namespace PatchKernel;

/// <summary>Where a model's weights are while it runs.</summary>
public enum Residency
{
    /// <summary>In memory where they take less than four fifths of it, else streamed.</summary>
    Auto,

    /// <summary>All in memory.</summary>
    All,

    /// <summary>In the checkpoint: each layer is read when a pass reaches it, and freed after.</summary>
    Streamed,
}
