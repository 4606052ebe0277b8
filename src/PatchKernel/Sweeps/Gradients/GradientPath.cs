namespace PatchKernel.Sweeps;

/// <summary>The points of a straight path at which gradients are taken.</summary>
internal static class GradientPath
{
    /// <summary>The most points that a path may have.</summary>
    public const int Most = 10_000;

    /// <summary>Where they are, from 0 to 1.</summary>
    public static double[] Alphas(PathPoints points, int steps) => [.. Enumerable.Range(points == PathPoints.FromZero ? 0 : 1, steps).Select(k => (double)k / steps)];

    /// <summary>The same in words.</summary>
    public static string Text(PathPoints points, int steps) => points == PathPoints.FromZero ? $"k/{steps} for k = 0 … {steps - 1}" : $"k/{steps} for k = 1 … {steps}";

    /// <summary>Refuses a number of points.</summary>
    /// <exception cref="PatchKernelException">There is none, or there are too many.</exception>
    public static void Check(int steps)
    {
        if (steps is < 1 or > Most) throw new PatchKernelException($"A path of {steps} points can't be integrated over; give 1 to {Most}.");
    }
}
