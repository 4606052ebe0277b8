using System.Text.Json;
using System.Xml.Linq;

namespace PatchKernel.Tests;

/// <summary>Charts beside the tutorial's: what they show is what was measured.</summary>
public sealed class OtherChartTests : IDisposable
{
    private static readonly SweepResult Sample = SampleResults.Small();
    private readonly LanguageModel model = RandomModel.Create();

    public void Dispose() => model.Dispose();

    [Fact]
    public void Grids_side_by_side_have_one_scale_one_colour_bar_and_one_set_of_labels()
    {
        var chart = Heatmaps.Draw([Sample, SampleResults.Small(HeatmapTests.Outside, site: Activation.MlpOut)], new() { Scale = ColourScale.Diverging });
        var (data, layout) = Figure(chart);
        Assert.Equal([-1.5, -1.5], data.Select(trace => trace.GetProperty("zmin").GetDouble()));
        Assert.Equal([false, true], data.Select(trace => trace.GetProperty("showscale").GetBoolean()));
        Assert.Equal("x2", data[1].GetProperty("xaxis").GetString());
        Assert.Equal(8, layout.GetProperty("yaxis").GetProperty("ticktext").GetArrayLength());
        Assert.Equal(0, layout.GetProperty("yaxis2").GetProperty("ticktext").GetArrayLength());
        Assert.Equal(["resid_post", "mlp_out"], layout.GetProperty("annotations").EnumerateArray().Skip(1).Select(heading => heading.GetProperty("text").GetString()));
        Assert.True(layout.GetProperty("xaxis").GetProperty("domain")[1].GetDouble() < layout.GetProperty("xaxis2").GetProperty("domain")[0].GetDouble());
    }

    [Fact]
    public void What_grids_share_is_said_once() => Assert.Equal(
        [
            "mini, pair sample · resid_post, mlp_out",
            "denoising: clean activations put into the corrupt run",
            "Score target_logit: logit of \" Isaac\", 0 in the corrupt run, 1 in the clean run",
            "Data range: min=0.0000, max=1.0000",
        ],
        Heatmaps.Draw(Sample, SampleResults.Small(site: Activation.MlpOut)).Caption);

    [Fact]
    public void Grids_of_other_prompts_have_their_own_labels()
    {
        var other = SampleResults.Small(idsOnly: true);
        Assert.Equal(8, Figure(Heatmaps.Draw(Sample, other)).Layout.GetProperty("yaxis2").GetProperty("ticktext").GetArrayLength());
    }

    [Fact]
    public void A_difference_is_one_score_less_the_other_on_a_signed_scale()
    {
        var other = SampleResults.Small(HeatmapTests.Outside);
        var chart = DifferenceHeatmap.Draw(Sample, other);
        var trace = Figure(chart).Data[0];
        Assert.Equal(Sample.Score(2, 5) - other.Score(2, 5), trace.GetProperty("z")[5][2].GetSingle());
        Assert.Equal(-trace.GetProperty("zmin").GetDouble(), trace.GetProperty("zmax").GetDouble());
        Assert.Equal([Sample.Score(2, 5), other.Score(2, 5)], trace.GetProperty("customdata")[5][2].EnumerateArray().Skip(1).Select(score => score.GetSingle()));
    }

    [Fact]
    public void Grids_of_two_sizes_have_no_difference()
    {
        var error = Assert.Throws<PatchKernelException>(() => DifferenceHeatmap.Draw(Sample, SampleResults.Small(layers: 3)));
        Assert.Equal("A difference needs two grids of one size; these are 7 layer × 8 pos and 3 layer × 8 pos.", error.Message);
    }

    [Fact]
    public void An_attention_pattern_has_queries_as_rows_and_keys_as_columns()
    {
        using var run = model.RunWithCache(RandomModel.Pair.Clean, Activation.Pattern);
        var chart = AttentionHeatmap.Draw(run, layer: 1, head: 2);
        var z = Figure(chart).Data[0].GetProperty("z");
        for (var query = 0; query < 6; query++)
        {
            Assert.Equal(1, z[query].EnumerateArray().Sum(weight => weight.GetSingle()), 1e-5);
            Assert.All(Enumerable.Range(query + 1, 5 - query), key => Assert.Equal(0, z[query][key].GetSingle()));
        }
        Assert.Equal("Attention Pattern of Layer 1, Head 2", chart.Title);
        Assert.Throws<PatchKernelException>(() => AttentionHeatmap.Draw(run, 1, head: 4));
        Assert.Throws<PatchKernelException>(() => AttentionHeatmap.Draw(run, layer: 3, 0));
    }

    [Fact]
    public void The_logit_difference_ends_where_the_runs_do()
    {
        var (lens, runs) = (LogitLens.Run(model, RandomModel.Pair), Baseline.Run(model, RandomModel.Pair));
        Assert.Equal(4, lens.Clean.LogitDifference.Count);
        Assert.Equal(runs.Clean.CleanTarget, lens.Clean.CleanTarget[^1], 1e-4);
        Assert.Equal(runs.Corrupt.CorruptTarget, lens.Corrupt.CorruptTarget[^1], 1e-4);
        Assert.Equal(runs.Clean.Best[0].Id, lens.Clean.Best[^1].Id);
        var data = Figure(LogitLensChart.Draw(lens)).Data;
        Assert.Equal(lens.Clean.LogitDifference, data[0].GetProperty("y").EnumerateArray().Select(y => y.GetSingle()));
        Assert.Equal(lens.Corrupt.LogitDifference, data[1].GetProperty("y").EnumerateArray().Select(y => y.GetSingle()));
    }

    [Fact]
    public void The_embeddings_alone_say_the_same_in_both_runs_where_the_last_token_is_the_same()
    {
        var lens = LogitLens.Run(model, RandomModel.Pair);
        Assert.Equal(lens.Clean.LogitDifference[0], lens.Corrupt.LogitDifference[0]);
    }

    [Fact]
    public void Bars_are_probabilities()
    {
        var runs = Baseline.Run(model, RandomModel.Pair);
        var data = Figure(TokenBars.Draw(runs)).Data;
        Assert.Equal(runs.Corrupt.Prediction.Best.Select(token => token.Probability), data[1].GetProperty("x").EnumerateArray().Select(x => x.GetSingle()));
        Assert.Equal(1, Prediction.Of(null, model.NextTokenLogits(RandomModel.Pair.Clean.Ids), 50, null).Best.Sum(token => token.Probability), 1e-4);
    }

    [Fact]
    public void Runs_of_older_files_have_no_bars() =>
        Assert.Throws<PatchKernelException>(() => TokenBars.Draw(new Baseline(new(5, 3, [new(1, " a", 5)]), new(2, 4, [new(2, " b", 4)]))));

    [Fact]
    public void An_average_has_a_band_a_curve()
    {
        SweepResult[] results = [SampleResults.Small((_, _) => 0.2f), SampleResults.Small((_, _) => 0.4f), SampleResults.Small((_, _) => 0.6f)];
        var average = SweepAverage.Of(results);
        Assert.Equal(["subject's last token", "tokens between", "last token"], average.Rows);
        Assert.All(average.Mean, mean => Assert.Equal(0.4f, mean, 1e-6));
        // 4.303 · 0.2 / √3
        Assert.All(average.Upper, upper => Assert.Equal(0.4f + 0.4969f, upper, 1e-3));
        var data = Figure(AverageChart.Draw(average)).Data;
        Assert.Equal(9, data.Length);
        Assert.Equal("tonexty", data[1].GetProperty("fill").GetString());
    }

    [Fact]
    public void Averages_are_taken_at_the_subjects_last_token_and_the_last_one()
    {
        var average = SweepAverage.Of(Sample, Sample);
        Assert.Equal(Enumerable.Range(0, 7).Select(layer => Sample.Score(layer, 4)), average.Mean.Take(7));
        Assert.Equal(Enumerable.Range(0, 7).Select(layer => Sample.Score(layer, 7)), average.Mean.Skip(14));
        Assert.Equal(average.Mean, average.Lower);
    }

    [Fact]
    public void Averaged_heads_are_a_grid()
    {
        var heads = Sample with { Axes = ["layer", "head"], Site = Activation.Z };
        var trace = Figure(AverageChart.Draw(heads, heads)).Data[0];
        Assert.Equal(Sample.Score(2, 5), trace.GetProperty("z")[5][2].GetSingle());
    }

    [Fact]
    public void Only_like_is_averaged()
    {
        var error = Assert.Throws<PatchKernelException>(() => SweepAverage.Of(Sample, Sample.By(Metric.LogitDiff)));
        Assert.Equal("Only like can be averaged; these are resid_post, denoising, target_logit, 7 layers × pos and resid_post, denoising, logit_diff, 7 layers × pos.", error.Message);
        Assert.Throws<PatchKernelException>(() => SweepAverage.Of(Sample));
        var noised = Sample with { Source = "noise" };
        Assert.Contains("denoising, noise, target_logit", Assert.Throws<PatchKernelException>(() => SweepAverage.Of(Sample, noised)).Message, StringComparison.Ordinal);
        Assert.Contains("0 in the noised run, 1 in the clean run", AverageChart.Draw(noised, noised).Caption[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 12.706)]
    [InlineData(10, 2.228)]
    [InlineData(11, 2.201)]
    [InlineData(30, 2.042)]
    [InlineData(1000, 1.962)]
    public void Intervals_use_Students_quantiles(int freedom, double quantile) => Assert.Equal(quantile, PatchKernel.Metrics.MeanInterval.Quantile(freedom), 3e-3);

    [Fact]
    public void Themes_change_what_is_around_the_data_and_not_the_data()
    {
        var (light, dark) = (Figure(Heatmap.Draw(Sample, new() { Theme = Theme.Light })), Figure(Heatmap.Draw(Sample, new() { Theme = Theme.Dark })));
        Assert.Equal("#ffffff", Around(light.Layout).GetProperty("paper_bgcolor").GetString());
        Assert.Equal("#1f1f1f", Around(dark.Layout).GetProperty("paper_bgcolor").GetString());
        Assert.Equal("#e8e8e8", Around(dark.Layout).GetProperty("font").GetProperty("color").GetString());
        Assert.True(JsonElement.DeepEquals(light.Data[0].GetProperty("colorscale"), dark.Data[0].GetProperty("colorscale")));
    }

    [Fact]
    public void Without_a_theme_a_figure_leaves_the_colours_around_the_data_to_the_page()
    {
        var layout = Figure(LogitLensChart.Draw(LogitLens.Run(model, RandomModel.Pair))).Layout;
        Assert.False(layout.TryGetProperty("template", out _));
        Assert.DoesNotContain("color", layout.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Curves_and_bars_stand_out_on_light_and_dark_pages() => Assert.All(
        Theme.AllSeries, colour => Assert.All([Theme.Light.Paper, Theme.Dark.Paper], paper => Assert.InRange(Contrast(colour, paper), 3, 21)));

    [Fact]
    public void Every_chart_names_its_axes_in_figure_and_picture()
    {
        using var run = model.RunWithCache(RandomModel.Pair.Clean, Activation.Pattern);
        (ResultChart Chart, string[] Titles)[] charts =
        [
            (Heatmaps.Draw(Sample, Sample), ["Layer", "Token of the clean prompt", "Normalized Score"]),
            (DifferenceHeatmap.Draw(Sample, Sample), ["Layer", "Token of the clean prompt", "Difference of Scores"]),
            (AttentionHeatmap.Draw(run, 0, 0), ["Key: the token that is looked at", "Query: the token that looks", "Attention Weight"]),
            (LogitLensChart.Draw(LogitLens.Run(model, RandomModel.Pair)), ["After layer", "Logit difference", "clean run", "corrupt run", "embed"]),
            (TokenBars.Draw(model.Predict(RandomModel.Pair.Clean)), ["Next token", "Probability"]),
            (AverageChart.Draw(Sample, Sample), ["Layer", "Normalized Score", "subject's last token"]),
        ];
        foreach (var (chart, titles) in charts)
        {
            var texts = XDocument.Parse(chart.ToSvg()).Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value.Trim()).ToArray();
            Assert.All([chart.Title, .. titles], title => Assert.Contains(title, texts));
            Assert.All(titles, title => Assert.Contains($"\"{title}\"", chart.ToFigureJson()));
            Assert.Contains(chart.Caption, line => line.StartsWith("Data range: min=", StringComparison.Ordinal));
            Assert.NotEmpty(chart.ToPng());
        }
    }

    private static JsonElement Around(JsonElement layout) => layout.GetProperty("template").GetProperty("layout");

    // WCAG 2, which asks for 3 of what isn't text.
    private static double Contrast(Rgb one, Rgb other)
    {
        var (light, dark) = (Math.Max(one.Luminance, other.Luminance), Math.Min(one.Luminance, other.Luminance));
        return (light + 0.05) / (dark + 0.05);
    }

    private static (JsonElement[] Data, JsonElement Layout) Figure(ResultChart chart)
    {
        var figure = JsonElement.Parse(chart.ToFigureJson());
        return ([.. figure.GetProperty("data").EnumerateArray()], figure.GetProperty("layout"));
    }
}
