namespace PatchKernel.Charts;

/// <summary>The curve of an edge: it leaves upwards and arrives upwards, and goes round what stands straight between its ends.</summary>
internal static class EdgePath
{
    private const int Parts = 24;
    private const double Steepness = 0.4, SameColumn = 0.5, LeastBow = 0.45, BowOfLayer = 0.13, MostBow = 1.7;

    /// <summary>Points along the curve, both ends included.</summary>
    public static IReadOnlyList<(double X, double Y)> Of((double X, double Y) from, (double X, double Y) to)
    {
        var rise = to.Y - from.Y;
        var bow = Math.Abs(to.X - from.X) < SameColumn && rise > 1 ? Math.Min(MostBow, LeastBow + BowOfLayer * (rise - 1)) : 0;
        // A cubic Bézier curve; three quarters of what its two middle points are moved by is what the curve is.
        var (second, third) = ((X: from.X + bow * 4 / 3, Y: from.Y + Steepness * rise), (X: to.X + bow * 4 / 3, Y: to.Y - Steepness * rise));
        return [.. Enumerable.Range(0, Parts + 1).Select(i => i / (double)Parts).Select(t => (
            Mix(t, from.X, second.X, third.X, to.X), Mix(t, from.Y, second.Y, third.Y, to.Y)))];
    }

    private static double Mix(double t, double a, double b, double c, double d)
    {
        var u = 1 - t;
        return u * u * u * a + 3 * u * u * t * b + 3 * u * t * t * c + t * t * t * d;
    }
}
