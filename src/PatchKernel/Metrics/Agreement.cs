namespace PatchKernel;

/// <summary>How near estimates are to the exact effects.</summary>
public sealed record Agreement
{
    private Agreement()
    {
    }

    /// <summary>How many were compared.</summary>
    public required int Count { get; init; }

    /// <summary>Pearson's correlation; not a number where all estimates, or all exact effects, are alike.</summary>
    public required double Pearson { get; init; }

    /// <summary>Spearman's correlation, that of the ranks, where equals have the mean of theirs; not a number where all are alike.</summary>
    public required double Spearman { get; init; }

    /// <summary>How many estimates have the exact effect's sign; 0 has the sign of 0 alone.</summary>
    public required int SameSign { get; init; }

    /// <summary>The part of the estimates that has the exact effect's sign.</summary>
    public double SignAgreement => (double)SameSign / Count;

    /// <summary>The estimate that is furthest from its exact effect: its place.</summary>
    public required int WorstIndex { get; init; }

    /// <summary>That estimate less its exact effect.</summary>
    public required double WorstMiss { get; init; }

    /// <summary>Compares estimates with the exact effects.</summary>
    /// <param name="estimates">The estimates.</param>
    /// <param name="exact">The exact effects, in the same order.</param>
    /// <exception cref="PatchKernelException">There is none, there are more of one than of the other, or one isn't a number.</exception>
    public static Agreement Of(IReadOnlyList<float> estimates, IReadOnlyList<float> exact)
    {
        if (estimates.Count != exact.Count)
            throw new PatchKernelException($"{estimates.Count} estimates can't be compared with {exact.Count} exact effects; give one for each.");
        if (estimates.Count == 0) throw new PatchKernelException("There is no estimate to compare; give at least one.");
        if (estimates.Concat(exact).Any(value => !float.IsFinite(value)))
            throw new PatchKernelException("An estimate or an exact effect is not a number, so they can't be compared; leave it out.");
        double[] guessed = [.. estimates.Select(value => (double)value)], known = [.. exact.Select(value => (double)value)];
        var worst = Enumerable.Range(0, guessed.Length).MaxBy(i => Math.Abs(guessed[i] - known[i]));
        return new()
        {
            Count = guessed.Length,
            Pearson = Correlation(guessed, known),
            Spearman = Correlation(Ranks(guessed), Ranks(known)),
            SameSign = guessed.Zip(known).Count(pair => Math.Sign(pair.First) == Math.Sign(pair.Second)),
            WorstIndex = worst,
            WorstMiss = guessed[worst] - known[worst],
        };
    }

    /// <summary>Both correlations, how many signs are right, and the worst miss.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"Pearson {Number(Pearson)}, Spearman {Number(Spearman)}, same sign {SameSign} of {Count}, worst miss {WorstMiss:+0.0000;-0.0000;0.0000}");

    private static string Number(double correlation) => double.IsNaN(correlation) ? "undefined" : FormattableString.Invariant($"{correlation:0.000}");

    private static double Correlation(double[] one, double[] other)
    {
        var (meanOne, meanOther) = (one.Average(), other.Average());
        double together = 0, ofOne = 0, ofOther = 0;
        foreach (var (x, y) in one.Zip(other))
        {
            together += (x - meanOne) * (y - meanOther);
            ofOne += (x - meanOne) * (x - meanOne);
            ofOther += (y - meanOther) * (y - meanOther);
        }
        return together / (Math.Sqrt(ofOne) * Math.Sqrt(ofOther));
    }

    private static double[] Ranks(double[] values)
    {
        var ranks = new double[values.Length];
        var before = 0;
        foreach (var equals in Enumerable.Range(0, values.Length).GroupBy(i => values[i]).OrderBy(group => group.Key))
        {
            var count = equals.Count();
            foreach (var i in equals) ranks[i] = before + (count - 1) / 2.0;
            before += count;
        }
        return ranks;
    }
}
