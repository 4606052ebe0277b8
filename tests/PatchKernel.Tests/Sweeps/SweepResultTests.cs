namespace PatchKernel.Tests;

public sealed class SweepResultTests
{
    [Fact]
    public void A_result_reads_as_one_line() => Assert.Equal(
        "mini, pair sample: resid_post, denoising, target_logit, 7 layers × 8 positions; scores 0.0000 to 1.0000, highest at layer 6, pos 7 \"\\\"</script>&amp;\"",
        SampleResults.Small().ToString());

    [Fact]
    public void Noising_points_at_the_lowest_score() => Assert.EndsWith(
        "scores 0.0000 to 1.0000, lowest at layer 0, pos 0 0", (SampleResults.Small(idsOnly: true) with { Direction = Direction.Noising }).ToString());

    [Fact]
    public void A_pair_without_a_name_is_told_by_its_targets() =>
        Assert.StartsWith("mini, token 3 or token 4: ", SampleResults.Small(idsOnly: true).ToString());

    [Fact]
    public void Cells_that_are_not_a_number_are_left_out_of_the_range() =>
        Assert.Contains("scores 0.2500 to 0.2500", SampleResults.Small((layer, pos) => layer == 0 ? float.NaN : 0.25f).ToString());

    [Fact]
    public void A_grid_without_numbers_says_so() =>
        Assert.EndsWith("no score is a number", SampleResults.Small((_, _) => float.NaN).ToString());
}
