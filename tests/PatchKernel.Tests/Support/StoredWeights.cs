using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Tests;

/// <summary>Picks a checkpoint's tensors by what they hold.</summary>
internal static class StoredWeights
{
    /// <summary>The tensor of a layer that holds a slot's weight.</summary>
    public static WeightSpec Stored(this ModelConfig config, int layer, Slot slot) =>
        WeightLayout.Layer(config, layer).Single(weight => !weight.IsBias && weight.Holds.Contains(slot));

    /// <summary>What a tensor holds, as the model computes with it; the caller's to dispose.</summary>
    public static IReadOnlyList<(Slot Slot, Tensor Value)> ReadParts(this Checkpoint checkpoint, WeightSpec weight, ScalarType dtype) =>
        weight.Cut(checkpoint.Config, checkpoint.Read(weight, dtype, CPU).DetachFromDisposeScope());
}
