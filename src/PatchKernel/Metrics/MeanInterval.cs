namespace PatchKernel.Metrics;

/// <summary>A mean over pairs, how sure it is, and its 95 % confidence interval by Student's t.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="StandardError">Its standard error; not a number where there is one pair.</param>
/// <param name="Lower">The interval's lower end; not a number where there is one pair.</param>
/// <param name="Upper">The interval's upper end; not a number where there is one pair.</param>
internal readonly record struct MeanInterval(double Mean, double StandardError, double Lower, double Upper)
{
    // The 97.5 % quantile by degrees of freedom from 1 on; above, two terms of its expansion are right to 0.003.
    private static readonly double[] Quantiles = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];

    /// <summary>Of some numbers.</summary>
    public static MeanInterval Of(IReadOnlyList<double> numbers)
    {
        var mean = numbers.Average();
        return Of(mean, numbers.Sum(number => (number - mean) * (number - mean)), numbers.Count);
    }

    /// <summary>Of numbers that are known by their mean and the sum of their squared distances from it.</summary>
    public static MeanInterval Of(double mean, double squares, int count)
    {
        if (count < 2) return new(mean, double.NaN, double.NaN, double.NaN);
        var error = Math.Sqrt(squares / (count - 1)) / Math.Sqrt(count);
        var half = Quantile(count - 1) * error;
        return new(mean, error, mean - half, mean + half);
    }

    /// <summary>The 97.5 % quantile of Student's t.</summary>
    public static double Quantile(int freedom) =>
        freedom <= Quantiles.Length ? Quantiles[freedom - 1] : 1.95996 + 2.37227 / freedom + 2.82250 / freedom / freedom;
}
