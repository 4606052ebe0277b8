using TorchSharp;
using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>Says which compute dtype only costs time.</summary>
internal static class SlowDtype
{
    /// <summary>A sentence where a CPU multiplies in float16, for which processors have no instructions that libtorch uses; none else.</summary>
    public static IReadOnlyList<string> Warnings(ScalarType dtype, DeviceMap map) => dtype == ScalarType.Float16 && map.Parts.Any(part => part.RunsOn.type == DeviceType.CPU)
        ? ["float16 is about three times slower than float32 on a CPU: take bfloat16, which needs as little memory, or float32."]
        : [];
}
