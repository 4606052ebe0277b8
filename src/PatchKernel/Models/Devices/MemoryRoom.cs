using PatchKernel.Text;

namespace PatchKernel.Models;

/// <summary>How much memory a run or a sweep may take beside the weights.</summary>
/// <param name="Free">Bytes that are free, or that the user allows.</param>
/// <param name="IsGiven">Whether the user gave the number.</param>
internal sealed record MemoryRoom(long Free, bool IsGiven)
{
    // The rest is for other programs, and for bounds that are too low.
    private const double Share = 0.7;

    /// <summary>Bytes that a sweep plans with.</summary>
    public long Planned => IsGiven ? Free : (long)(Share * Free);

    /// <summary>The room beside a model: on the device that has least of it, less the layers that pass through.</summary>
    /// <param name="model">The model, its weights in place.</param>
    /// <param name="given">What the user allows; null for what is free.</param>
    public static MemoryRoom Of(LanguageModel model, long? given)
    {
        if (given is { } bytes) return new(bytes, IsGiven: true);
        var map = model.DeviceMap;
        var passing = map.Parts.Where(part => part.Home != WeightHome.Device).Select(part => part.Bytes).DefaultIfEmpty().Max();
        var free = map.Parts.Select(part => part.RunsOn).DistinctBy(device => (device.type, device.index)).Min(FreeOf);
        return new(Math.Max(0, free - DevicePlanner.PassingLayers * passing), IsGiven: false);
    }

    /// <summary>Throws when something doesn't fit.</summary>
    /// <param name="needed">The bytes it takes at least.</param>
    /// <param name="what">What it is, as a sentence begins.</param>
    /// <exception cref="PatchKernelException">There is less.</exception>
    public void RefuseLess(long needed, FormattableString what)
    {
        if (needed <= Free) return;
        throw new PatchKernelException($"{FormattableString.Invariant(what)} takes at least {ByteCount.Text(needed)} of memory beside the weights, and {ByteCount.Text(Free)} is "
            + (IsGiven ? "what it may take: allow more, or shorten the prompts." : "free: close other programs, or shorten the prompts."));
    }

    private static long FreeOf(TorchSharp.torch.Device device)
    {
        if (device.type != TorchSharp.DeviceType.CUDA) return FreeMemory.OfCpu();
        try
        {
            return FreeMemory.OfGpu(device.index);
        }
        catch (PatchKernelException)
        {
            return long.MaxValue / 2; // the driver doesn't say; libtorch's own error will
        }
    }
}
