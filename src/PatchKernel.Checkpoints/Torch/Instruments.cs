using System.Diagnostics.Metrics;

namespace PatchKernel.Torch;

/// <summary>Counts the library's work by .NET's metrics; next to free while no listener is attached.</summary>
internal static class Instruments
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "PatchKernel";

    private static readonly Meter Meter = new(MeterName);

    /// <summary>Floating-point operations of matrix products, two a multiply-add.</summary>
    public static Counter<long> Flop { get; } = Meter.CreateCounter<long>("patchkernel.matmul.flop", "{operation}", "Operations of matrix products.");

    /// <summary>Bytes of weights read from files.</summary>
    public static Counter<long> BytesRead { get; } = Meter.CreateCounter<long>("patchkernel.weights.read", "By", "Bytes of weights read from files.");
}
