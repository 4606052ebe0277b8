namespace PatchKernel.Charts;

/// <summary>Cuts a line into dashes. Skia can't write a dashed line into an SVG: it draws a whole one and complains on standard error.</summary>
internal static class Dashes
{
    private const double Dash = 6, Period = 11;

    /// <summary>The dashes' ends, with no number between one and the next.</summary>
    /// <param name="across">The line's points from left to right.</param>
    /// <param name="upwards">The same upwards; where one is no number the line is interrupted.</param>
    /// <param name="acrossUnit">Points to a unit from left to right.</param>
    /// <param name="upUnit">Points to a unit upwards.</param>
    public static (double[] X, double[] Y) Of(IReadOnlyList<double> across, IReadOnlyList<double> upwards, double acrossUnit, double upUnit)
    {
        var (x, y, walked) = (new List<double>(), new List<double>(), 0.0);
        for (var i = 0; i + 1 < upwards.Count; i++)
        {
            double run = across[i + 1] - across[i], rise = upwards[i + 1] - upwards[i];
            if (!double.IsFinite(rise)) continue;
            var length = Math.Sqrt(run * acrossUnit * run * acrossUnit + rise * upUnit * rise * upUnit);
            for (var at = 0.0; at < length - 1e-9;)
            {
                var phase = (walked + at) % Period;
                var end = Math.Min(length, at + (phase < Dash ? Dash : Period) - phase);
                if (phase < Dash)
                {
                    x.AddRange([across[i] + run * at / length, across[i] + run * end / length, double.NaN]);
                    y.AddRange([upwards[i] + rise * at / length, upwards[i] + rise * end / length, double.NaN]);
                }
                at = Math.Max(end, at + 1e-6);
            }
            walked += length;
        }
        return ([.. x], [.. y]);
    }
}
