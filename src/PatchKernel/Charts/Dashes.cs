namespace PatchKernel.Charts;

/// <summary>Cuts a line into dashes. Skia can't write a dashed line into an SVG: it draws a whole one and complains on standard error.</summary>
internal static class Dashes
{
    private const double Dash = 6, Period = 11;

    /// <summary>The dashes' ends, with no number between one and the next.</summary>
    /// <param name="values">The line's values, at 0, 1, 2…; where one is no number it is interrupted.</param>
    /// <param name="acrossUnit">Points to a unit from left to right.</param>
    /// <param name="upUnit">Points to a unit upwards.</param>
    public static (double[] X, double[] Y) Of(IReadOnlyList<float> values, double acrossUnit, double upUnit)
    {
        var (x, y, walked) = (new List<double>(), new List<double>(), 0.0);
        for (var i = 0; i + 1 < values.Count; i++)
        {
            double from = values[i], rise = values[i + 1] - from;
            if (!double.IsFinite(rise)) continue;
            var length = Math.Sqrt(acrossUnit * acrossUnit + rise * upUnit * rise * upUnit);
            for (var at = 0.0; at < length - 1e-9;)
            {
                var phase = (walked + at) % Period;
                var end = Math.Min(length, at + (phase < Dash ? Dash : Period) - phase);
                if (phase < Dash) Add(i + at / length, from + rise * at / length, i + end / length, from + rise * end / length);
                at = Math.Max(end, at + 1e-6);
            }
            walked += length;
        }
        return ([.. x], [.. y]);

        void Add(double x1, double y1, double x2, double y2)
        {
            x.AddRange([x1, x2, double.NaN]);
            y.AddRange([y1, y2, double.NaN]);
        }
    }
}
