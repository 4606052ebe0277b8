using PatchKernel.Models;
using PatchKernel.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Where each part of a model is: the home of its weights, and the device that computes it.</summary>
/// <remarks>
/// Activations move where one layer's device differs from the one before, and nowhere else. A tied embedding lies with the unembedding, which
/// reads all of it; rows of it are brought to the first layer.
/// </remarks>
public sealed partial class DeviceMap
{
    /// <param name="parts">The embedding, every layer, and the final norm with the unembedding.</param>
    internal DeviceMap(IReadOnlyList<PlacedPart> parts) => Parts = parts;

    /// <summary>The embedding, every layer in order, and the final norm with the unembedding.</summary>
    public IReadOnlyList<PlacedPart> Parts { get; }

    /// <summary>Whether the parts have more than one place.</summary>
    public bool IsSplit => Parts.Select(part => part.Place).Distinct().Skip(1).Any();

    /// <summary>The map of a model on this machine.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="dtype">The compute dtype.</param>
    /// <param name="device">The device's name, or null for <c>auto</c>.</param>
    /// <param name="residency">Whether memory decides, or the user did.</param>
    /// <exception cref="PatchKernelException">There is no such device, or its free memory can't be read.</exception>
    internal static DeviceMap Choose(ModelConfig config, ScalarType dtype, string? device, Residency residency)
    {
        var (parts, devices) = (ModelParts.Of(config, dtype), ComputeDevice.Parse(device));
        if (residency == Residency.Streamed) return Whole(parts, WeightHome.Disk, devices[0]);
        if (residency == Residency.All && devices.Count == 1) return Whole(parts, WeightHome.Device, devices[0]);
        var gpus = devices.Where(found => found.type != DeviceType.CPU).Select(found => (found, FreeMemory.OfGpu(found.index))).ToList();
        return DevicePlanner.Fill(parts, gpus, residency == Residency.All ? long.MaxValue : FreeMemory.OfCpu());
    }

    /// <summary>Every part in the same place.</summary>
    internal static DeviceMap Whole(ModelParts parts, WeightHome home, Device device) =>
        new([.. parts.All.Select(part => new PlacedPart(part.Module, part.Bytes, home, device))]);

    /// <summary>The place of W_E.</summary>
    internal PlacedPart Embedding => Parts[0];

    /// <summary>The place of a layer.</summary>
    internal PlacedPart Layer(int layer) => Parts[layer + 1];

    /// <summary>The place of the final norm and W_U.</summary>
    internal PlacedPart Head => Parts[^1];

    /// <summary>The places, in order, once each.</summary>
    internal string Places => string.Join(", ", Parts.Select(part => part.Place).Distinct());

    /// <summary>A line for each run of parts that share a place: modules, bytes, place.</summary>
    public override string ToString()
    {
        List<string[]> rows = [.. Runs().Select(run => (string[])[NameOf(run), Size(run.Sum(part => part.Bytes)), run[0].Place])];
        return string.Join('\n', TextTable.Lines(rows, figures: [1]));

        static string Size(long bytes) => bytes == 0 ? "tied" : ByteCount.Text(bytes);
    }

    /// <summary>Layers that follow one another in the same place stand together; the two ends stand alone.</summary>
    private List<List<PlacedPart>> Runs()
    {
        List<List<PlacedPart>> runs = [];
        foreach (var (index, part) in Parts.Index())
        {
            if (index is 0 or 1 || index == Parts.Count - 1 || part.Place != runs[^1][0].Place) runs.Add([]);
            runs[^1].Add(part);
        }
        return runs;
    }

    private static string NameOf(List<PlacedPart> run) =>
        run.Count == 1 ? run[0].Module : $"{run[0].Module}-{run[^1].Module.Split('.')[^1]}";
}
