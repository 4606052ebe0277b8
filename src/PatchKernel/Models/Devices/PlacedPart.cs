using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>A part of a model and its place.</summary>
/// <param name="Module">The module as PyTorch names it, such as <c>model.layers.0</c>.</param>
/// <param name="Bytes">Bytes of its weights in the compute dtype; 0 where it shares another part's.</param>
/// <param name="Home">Where its weights are between two passes.</param>
/// <param name="RunsOn">The device that computes it.</param>
public sealed record PlacedPart(string Module, long Bytes, WeightHome Home, Device RunsOn)
{
    /// <summary>The place in words.</summary>
    public string Place => Home switch
    {
        WeightHome.Device => $"{RunsOn}",
        WeightHome.Memory => $"memory, computed on {RunsOn}",
        _ => $"disk, computed on {RunsOn}",
    };
}
