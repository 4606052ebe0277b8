namespace PatchKernel;

/// <summary>Where a model's weights are while it runs.</summary>
public enum Residency
{
    /// <summary>On the devices as far as four fifths of their free memory go, then in the CPU's memory, and the rest in the checkpoint.</summary>
    Auto,

    /// <summary>All in memory: on the device that was named, or on the GPUs as far as they go and then in the CPU's memory.</summary>
    All,

    /// <summary>In the checkpoint: each layer is read when a pass reaches it, and freed after.</summary>
    Streamed,
}
