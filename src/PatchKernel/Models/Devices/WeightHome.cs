namespace PatchKernel;

/// <summary>Where a part's weights are between two passes.</summary>
public enum WeightHome
{
    /// <summary>On the device that computes with them.</summary>
    Device,

    /// <summary>In the CPU's memory: a pass copies them to the GPU when it reaches them.</summary>
    Memory,

    /// <summary>In the checkpoint: a pass reads them when it reaches them.</summary>
    Disk,
}
