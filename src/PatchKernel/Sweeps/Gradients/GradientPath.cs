namespace PatchKernel.Sweeps;

/// <summary>The points of a straight path at which gradients are taken.</summary>
internal static class GradientPath
{
    /// <summary>The most points that a path may have.</summary>
    public const int Most = 10_000;

    /// <summary>Where they are, from 0 to 1.</summary>
    public static IReadOnlyList<double> Alphas(PathPoints points, int steps) => [.. Enumerable.Range(points == PathPoints.FromZero ? 0 : 1, steps).Select(k => (double)k / steps)];

    /// <summary>The same in words.</summary>
    public static string Text(PathPoints points, int steps) => points == PathPoints.FromZero ? $"k/{steps} for k = 0 … {steps - 1}" : $"k/{steps} for k = 1 … {steps}";
}
