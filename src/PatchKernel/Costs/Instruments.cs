using System.Diagnostics.Metrics;
using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>What the library tells about its work by .NET's metrics; costs next to nothing while nobody listens.</summary>
internal static class Instruments
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "PatchKernel";

    private static readonly Meter Meter = new(MeterName);

    /// <summary>Floating-point operations of matrix products, two a multiply-add.</summary>
    public static Counter<long> Flop { get; } = Meter.CreateCounter<long>("patchkernel.matmul.flop", "{operation}", "Operations of matrix products.");

    /// <summary>Bytes of weights read from files.</summary>
    public static Counter<long> BytesRead { get; } = Meter.CreateCounter<long>("patchkernel.weights.read", "By", "Bytes of weights read from files.");

    /// <summary>Counts a matrix product, and hands it on.</summary>
    /// <param name="product">left · right, [.., n].</param>
    /// <param name="left">[.., k].</param>
    public static Tensor Counted(this Tensor product, Tensor left)
    {
        if (Flop.Enabled) Flop.Add(2 * product.numel() * left.shape[^1]);
        return product;
    }
}
