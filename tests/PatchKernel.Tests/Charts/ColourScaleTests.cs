using CsCheck;

namespace PatchKernel.Tests;

public sealed class ColourScaleTests
{
    [Fact]
    public void Purples_has_matplotlibs_stops() => Assert.Equal(
        ["#fcfbfd", "#efedf5", "#dadaeb", "#bcbddc", "#9e9ac8", "#807dba", "#6a51a3", "#54278f", "#3f007d"],
        ColourScale.Purples.Stops.Select(stop => stop.Hex));

    [Fact]
    public void Purples_runs_from_0_to_1_whatever_the_values() =>
        Assert.Equal(new ColourRange(0, 1), ColourScale.Purples.RangeOf([-3, 7]));

    [Theory]
    [InlineData(0.3f, 0.3)]
    [InlineData(-1.01f, 1.1)]
    [InlineData(1f, 1)]
    [InlineData(0f, 0.1)]
    [InlineData(float.NaN, 0.1)]
    [InlineData(float.PositiveInfinity, 0.1)]
    public void The_diverging_scale_is_symmetric_at_the_largest_value_rounded_up(float value, double limit)
    {
        var range = ColourScale.Diverging.RangeOf([0, value]);
        Assert.Equal(limit, range.High, 1e-12);
        Assert.Equal(-range.High, range.Low);
    }

    [Fact]
    public void The_diverging_scale_clips_nothing() => Gen.Float[-50, 50].Array.Sample(values =>
    {
        var range = ColourScale.Diverging.RangeOf(values);
        return !values.Any(value => range.Clips(value));
    }, threads: 1);

    [Fact]
    public void Zero_has_the_diverging_scales_middle_colour() =>
        Assert.Equal("#f7f7f7", ColourScale.Diverging.ColourOf(0, new(-1.7, 1.7)).Hex);

    [Theory]
    [InlineData(0, "#fcfbfd")]
    [InlineData(-5, "#fcfbfd")]
    [InlineData(0.125, "#efedf5")]
    [InlineData(0.0625, "#f6f4f9")]
    [InlineData(1, "#3f007d")]
    [InlineData(1.2, "#3f007d")]
    [InlineData(double.NaN, "#999999")]
    public void Values_get_their_colour(double value, string hex) =>
        Assert.Equal(hex, ColourScale.Purples.ColourOf(value, new(0, 1)).Hex);

    [Theory]
    [InlineData("#fcfbfd", false)]
    [InlineData("#9e9ac8", false)]
    [InlineData("#6a51a3", true)]
    [InlineData("#3f007d", true)]
    public void Dark_colours_ask_for_light_text(string hex, bool dark) => Assert.Equal(dark, Rgb.Parse(hex).IsDark);

    [Fact]
    public void Clipping_begins_where_two_decimals_show_it()
    {
        var range = new ColourRange(0, 1);
        double[] values = [0, 1, 1.0000001, -0.0049, -0.0051, 1.0051, double.NaN, double.NegativeInfinity];
        Assert.Equal([false, false, false, false, true, true, false, false], values.Select(range.Clips));
    }
}
