using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>Places a model's parts: fills the GPUs in order, then the CPU's memory, and leaves the rest on disk.</summary>
/// <remarks>
/// A pure function of the parts, the devices and their free bytes. What rests in memory or on disk passes through the last GPU: moving a layer
/// there takes milliseconds, computing it on the CPU takes seconds. Without a GPU the CPU computes everything.
/// </remarks>
internal static class DevicePlanner
{
    /// <summary>The part of the free bytes that weights may take; what is left is for activations and for other programs.</summary>
    public const double WeightShare = 0.8;

    // The layer that computes, and the one that is brought in meanwhile.
    public const int PassingLayers = 2;

    /// <summary>The map of a model over some devices.</summary>
    /// <param name="parts">The model.</param>
    /// <param name="gpus">The GPUs to fill, in order, with their free bytes; none where the CPU computes.</param>
    /// <param name="memory">Free bytes of the CPU's memory.</param>
    public static DeviceMap Fill(ModelParts parts, IReadOnlyList<(Device Device, long Free)> gpus, long memory)
    {
        IReadOnlyList<(Device Device, long Free)> devices = gpus.Count > 0 ? gpus : [(CPU, memory)];
        var room = devices.Select(device => (long)(device.Free * WeightShare)).ToArray();
        var spare = gpus.Count > 0 ? (long)(memory * WeightShare) : 0;
        if (Place(parts, devices, [.. room], spare) is { } all && all.Parts.All(part => part.Home == WeightHome.Device)) return all;

        room[^1] -= PassingLayers * parts.Layer;
        // A GPU too small for layers to pass through it is of no use here.
        return room[^1] < 0 && gpus.Count > 0
            ? Fill(parts, [.. gpus.SkipLast(1)], memory)
            : Place(parts, devices, room, spare);
    }

    private static DeviceMap Place(ModelParts parts, IReadOnlyList<(Device Device, long Free)> devices, long[] room, long spare)
    {
        var (at, last) = (0, devices.Count - 1);
        List<PlacedPart> placed = [];
        foreach (var (index, (module, bytes)) in parts.All.Index())
        {
            // Of the embedding a few rows are looked up: where the first device has no room for it, it rests and the layers begin there.
            while (index > 0 && at <= last && room[at] < bytes) at++;
            var home = at <= last && bytes <= room[at] ? WeightHome.Device : bytes <= spare ? WeightHome.Memory : WeightHome.Disk;
            var device = devices[Math.Min(at, last)].Device;
            if (home == WeightHome.Device) room[at] -= bytes;
            if (home == WeightHome.Memory) spare -= bytes;
            placed.Add(new PlacedPart(module, bytes, home, device));
        }
        // A tied embedding has no weights of its own.
        if (parts.Embedding == 0) placed[0] = placed[0] with { Home = placed[^1].Home, RunsOn = placed[^1].RunsOn };
        return new DeviceMap(placed);
    }
}
