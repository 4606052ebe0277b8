using System.Globalization;

namespace PatchKernel.Costs;

/// <summary>Numbers of floating-point operations as people read them.</summary>
internal static class FlopCount
{
    /// <summary>Such as <c>12.3 GFLOP</c>, <c>0.334 TFLOP</c>, <c>1,230 TFLOP</c>.</summary>
    public static string Text(double flop) => flop switch
    {
        < 1e11 => string.Create(CultureInfo.InvariantCulture, $"{flop / 1e9:G3} GFLOP"),
        < 1e14 => string.Create(CultureInfo.InvariantCulture, $"{flop / 1e12:G3} TFLOP"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{flop / 1e12:N0} TFLOP"),
    };
}
