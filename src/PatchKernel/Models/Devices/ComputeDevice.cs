using System.Globalization;
using PatchKernel.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>The devices that a model computes on.</summary>
internal static class ComputeDevice
{
    /// <summary>The name for every GPU there is, or the CPU where there is none.</summary>
    public const string Auto = "auto";

    private const string Cuda = "cuda";

    /// <summary>The devices of a name: `cpu`, `cuda`, `cuda:N`, or `auto`, which is the default.</summary>
    /// <exception cref="PatchKernelException">The name is none of these, or this machine or this build has no such device.</exception>
    public static IReadOnlyList<Device> Parse(string? name)
    {
        TorchRuntime.EnsureLoaded();
        return name == "cpu" ? [CPU] : Choose(name ?? Auto, cuda.is_available() ? cuda.device_count() : 0);
    }

    /// <summary>The same on a machine with that many GPUs.</summary>
    internal static IReadOnlyList<Device> Choose(string name, int gpus)
    {
        if (name == "cpu" || (name == Auto && gpus == 0)) return [CPU];
        if (name == Auto) return [.. Enumerable.Range(0, gpus).Select(gpu => new Device(DeviceType.CUDA, gpu))];

        var number = name == Cuda ? "0" : name.StartsWith(Cuda + ":", StringComparison.Ordinal) ? name[(Cuda.Length + 1)..] : "";
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            throw new PatchKernelException($"'{name}' is no device: give auto, cpu, cuda or cuda:N.");
        if (gpus == 0)
            throw new PatchKernelException(
                $"The device {name} isn't there: build with -p:Cuda=true on a machine that has an NVIDIA GPU and its driver, or give cpu.");
        if (index >= gpus)
            throw new PatchKernelException(
                $"The device {name} isn't there: this machine has {(gpus == 1 ? "one GPU, cuda:0" : $"{gpus} GPUs, cuda:0 to cuda:{gpus - 1}")}.");
        return [new Device(DeviceType.CUDA, index)];
    }

    /// <summary>Whether both are the same device.</summary>
    public static bool IsSame(this Device device, Device other) => device.type == other.type && (device.type == DeviceType.CPU || device.index == other.index);
}
