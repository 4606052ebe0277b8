using PatchKernel.Charts;

namespace PatchKernel.Tests;

public sealed class ChartTextTests
{
    [Theory]
    [InlineData(20, 1)]
    [InlineData(24, 1)]
    [InlineData(25, 2)]
    [InlineData(60, 3)]
    public void A_long_caption_is_broken_between_words(int words, int lines)
    {
        var line = string.Join(' ', Enumerable.Repeat("word", words));
        var broken = ChartText.Lines(line).ToList();
        Assert.Equal(lines, broken.Count);
        Assert.Equal(line, string.Join(' ', broken));
        Assert.All(broken, part => Assert.True(part.Length <= 120));
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(-0.25, "-0.25")]
    [InlineData(1 / 3.0, "0.3333")]
    [InlineData(0.0002, "0.0002")]
    [InlineData(0.00015, "1.5e-4")]
    [InlineData(-2e-5, "-2e-5")]
    [InlineData(120, "120")]
    public void A_tick_too_small_for_four_decimals_has_an_exponent(double value, string label) => Assert.Equal(label, ChartText.Tick(value));

    [Fact]
    public void Three_lines_are_the_most_and_what_is_left_out_has_an_ellipsis()
    {
        var broken = ChartText.Lines(string.Join(' ', Enumerable.Repeat("word", 500))).ToList();
        Assert.Equal(3, broken.Count);
        Assert.EndsWith("word …", broken[^1]);
    }

    [Fact]
    public void A_text_without_a_space_stays_as_it_is() => Assert.Equal([new string('x', 300)], ChartText.Lines(new string('x', 300)));

    [Fact]
    public void A_charts_page_and_picture_break_a_long_prompt()
    {
        using var model = RandomModel.Create();
        var prompt = RandomModel.Pair.Clean with { Text = string.Join(' ', Enumerable.Repeat("word", 60)) };
        using var run = model.RunWithCache(prompt, Activation.Pattern);
        var chart = AttentionHeatmap.Draw(run, 0, 0);
        Assert.Contains("word\\u003cbr>word", chart.ToHtml(), StringComparison.Ordinal);
        Assert.Contains(prompt.Text, chart.Caption[0], StringComparison.Ordinal);
    }
}
