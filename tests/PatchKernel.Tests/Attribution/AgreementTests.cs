namespace PatchKernel.Tests;

/// <summary>Agreement of estimates with exact effects, against numbers known from elsewhere.</summary>
public sealed class AgreementTests
{
    // Anscombe 1973, the first of four data sets: r = 0.81642; and its ranks.
    private static readonly float[] X = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5], Y = [8.04f, 6.95f, 7.58f, 8.81f, 8.33f, 9.96f, 7.24f, 4.26f, 10.84f, 4.82f, 5.68f];

    [Fact]
    public void Correlations_are_those_of_Anscombes_first_data_set()
    {
        var agreement = Agreement.Of(Y, X);
        Assert.Equal(0.81642, agreement.Pearson, 1e-5);
        // 1 − 6 Σd² / (n (n² − 1)) with Σd² = 40
        Assert.Equal(1 - 6 * 40 / 1320.0, agreement.Spearman, 1e-12);
    }

    [Fact]
    public void Equals_share_the_mean_of_their_ranks()
    {
        // Ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4: covariance 4.5, variances 4.5 and 5.
        Assert.Equal(4.5 / Math.Sqrt(4.5 * 5), Agreement.Of([1, 2, 2, 3], [10, 30, 20, 40]).Spearman, 1e-12);
        Assert.Equal(1, Agreement.Of([1, 10, 100], [1, 2, 3]).Spearman, 1e-12);
        Assert.Equal(-1, Agreement.Of([3, 2, 1], [1, 2, 3]).Pearson, 1e-12);
    }

    [Fact]
    public void Signs_and_the_worst_miss_are_found()
    {
        var agreement = Agreement.Of([1, -2, 0, 0, 3], [2, 2, 0, 1, 3.5f]);
        Assert.Equal((5, 3, 0.6), (agreement.Count, agreement.SameSign, agreement.SignAgreement));
        Assert.Equal((1, -4.0), (agreement.WorstIndex, agreement.WorstMiss));
        Assert.StartsWith("Pearson 0.", agreement.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("same sign 3 of 5, worst miss -4.0000", agreement.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_that_are_all_alike_have_no_correlation()
    {
        var agreement = Agreement.Of([1, 1, 1], [1, 2, 3]);
        Assert.Equal((double.NaN, double.NaN), (agreement.Pearson, agreement.Spearman));
        Assert.StartsWith("Pearson undefined, Spearman undefined, same sign 3 of 3", agreement.ToString(), StringComparison.Ordinal);
        Assert.Equal(double.NaN, Agreement.Of([2], [1]).Pearson);
    }

    [Fact]
    public void What_cannot_be_compared_is_refused_in_one_sentence()
    {
        Assert.Equal("2 estimates can't be compared with 1 exact effects; give one for each.", Refusal([1, 2], [1]));
        Assert.Equal("There is no estimate to compare; give at least one.", Refusal([], []));
        Assert.Equal("An estimate or an exact effect is not a number, so they can't be compared; leave it out.", Refusal([1, float.NaN], [1, 2]));

        static string Refusal(float[] estimates, float[] exact) => Assert.Throws<PatchKernelException>(() => Agreement.Of(estimates, exact)).Message;
    }
}
