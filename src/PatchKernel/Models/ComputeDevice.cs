using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Chooses the device that a model lives on.</summary>
internal static class ComputeDevice
{
    private const string Cuda = "cuda";

    /// <summary>The device named `cpu`, `cuda` or `cuda:N`; without a name CUDA's first where there is one, else the CPU.</summary>
    /// <exception cref="PatchKernelException">The name is none of these, or this machine or this build has no such device.</exception>
    public static Device Parse(string? name)
    {
        TorchRuntime.EnsureLoaded();
        return name == "cpu" ? CPU : Choose(name, cuda.is_available() ? cuda.device_count() : 0);
    }

    /// <summary>The same on a machine with that many GPUs.</summary>
    internal static Device Choose(string? name, int gpus)
    {
        if (name == "cpu" || (name is null && gpus == 0))
            return CPU;

        var index = 0;
        var isCuda = name is null or Cuda || (name.StartsWith(Cuda + ":", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(Cuda.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out index));
        if (!isCuda)
            throw new PatchKernelException($"'{name}' is no device: give cpu, cuda or cuda:N.");
        if (gpus == 0)
        {
            throw new PatchKernelException($"The device {name} isn't there: build with -p:Cuda=true on a machine that has an NVIDIA GPU "
                + "and its driver, or give cpu.");
        }

        if (index >= gpus)
        {
            throw new PatchKernelException($"The device {name} isn't there: this machine has "
                + (gpus == 1 ? "one GPU, cuda:0." : $"{gpus} GPUs, cuda:0 to cuda:{gpus - 1}."));
        }

        return new Device(DeviceType.CUDA, index);
    }
}
