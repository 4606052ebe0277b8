using System.Text.Json;
using System.Text.RegularExpressions;

namespace PatchKernel.Tests;

public sealed partial class PlotlyTests
{
    private static readonly SweepResult Sample = SampleResults.Small();

    [Fact]
    public void The_figures_cells_are_the_results_scores()
    {
        var z = Trace(Sample).GetProperty("z").EnumerateArray().Select(row => row.EnumerateArray().Select(cell => cell.GetSingle()).ToArray()).ToArray();
        Assert.Equal(8, z.Length);
        for (var layer = 0; layer < 7; layer++)
            for (var pos = 0; pos < 8; pos++)
                Assert.Equal(Sample.Score(layer, pos), z[pos][layer]);
    }

    [Fact]
    public void Equal_tokens_at_different_positions_are_different_rows()
    {
        var trace = Trace(Sample);
        var axis = Layout(Sample).GetProperty("yaxis");
        Assert.Equal(Enumerable.Range(0, 8), trace.GetProperty("y").EnumerateArray().Select(y => y.GetInt32()));
        Assert.Equal(Enumerable.Range(0, 8), axis.GetProperty("tickvals").EnumerateArray().Select(y => (int)y.GetDouble()));
        var labels = Texts(axis.GetProperty("ticktext"));
        Assert.Equal("\" the\"", labels[3]);
        Assert.Equal("\" the\"", labels[4]);
    }

    [Fact]
    public void The_first_token_is_on_top() =>
        Assert.Equal([7.5, -0.5], Layout(Sample).GetProperty("yaxis").GetProperty("range").EnumerateArray().Select(end => end.GetDouble()));

    [Fact]
    public void Colours_run_from_0_to_1_over_the_stops_of_Purples()
    {
        var trace = Trace(Sample);
        Assert.Equal((0, 1), (trace.GetProperty("zmin").GetDouble(), trace.GetProperty("zmax").GetDouble()));
        var stops = trace.GetProperty("colorscale").EnumerateArray().Select(stop => (stop[0].GetDouble(), stop[1].GetString())).ToArray();
        Assert.Equal(ColourScale.Purples.Stops.Select((stop, i) => (i / 8.0, (string?)stop.Hex)), stops);
    }

    [Fact]
    public void The_diverging_scale_is_symmetric_about_zero()
    {
        var trace = Figure(Heatmap.Draw(SampleResults.Small(HeatmapTests.Outside), new() { Scale = ColourScale.Diverging })).GetProperty("data")[0];
        Assert.Equal((-1.5, 1.5), (trace.GetProperty("zmin").GetDouble(), trace.GetProperty("zmax").GetDouble()));
        Assert.Equal(11, trace.GetProperty("colorscale").GetArrayLength());
    }

    [Fact]
    public void Titles_and_ticks_are_the_tutorials()
    {
        var (trace, layout) = (Trace(Sample), Layout(Sample));
        Assert.Equal("Indirect Effects of Residual Layers", layout.GetProperty("title").GetProperty("text").GetString());
        Assert.Equal("Normalized Score", trace.GetProperty("colorbar").GetProperty("title").GetProperty("text").GetString());
        Assert.Equal("Layer", layout.GetProperty("xaxis").GetProperty("title").GetProperty("text").GetString());
        Assert.Equal("Token of the clean prompt", layout.GetProperty("yaxis").GetProperty("title").GetProperty("text").GetString());
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6"], Texts(layout.GetProperty("xaxis").GetProperty("ticktext")));
    }

    [Fact]
    public void Cells_have_edges_while_they_are_not_small()
    {
        var large = Trace(SampleResults.Large(80, 200));
        Assert.Equal((1, 1), (Trace(Sample).GetProperty("xgap").GetInt32(), Trace(Sample).GetProperty("ygap").GetInt32()));
        Assert.Equal((0, 0), (large.GetProperty("xgap").GetInt32(), large.GetProperty("ygap").GetInt32()));
    }

    [Fact]
    public void The_caption_stands_in_the_chart() =>
        Assert.EndsWith("<br>Data range: min=0.0000, max=1.0000", Layout(Sample).GetProperty("annotations")[0].GetProperty("text").GetString());

    [Fact]
    public void Hovering_tells_token_position_layer_score_and_logits()
    {
        var trace = Trace(Sample);
        var template = trace.GetProperty("hovertemplate").GetString();
        Assert.Equal(
            "%{customdata[0]}<br>layer %{x}<br>score %{z:.4f} (target_logit)"
            + "<br>logit of \" Isaac\": %{customdata[1]:.4f}<br>logit of \" Michael\": %{customdata[2]:.4f}<extra></extra>", template);
        var cell = trace.GetProperty("customdata")[5][6];
        Assert.Equal("\".\\n\", position 5", cell[0].GetString());
        Assert.Equal(Sample.CleanTarget[6 * 8 + 5], cell[1].GetSingle());
        Assert.Equal(Sample.CorruptTarget[6 * 8 + 5], cell[2].GetSingle());
    }

    [Fact]
    public void Hovering_shows_both_tokens_where_the_prompts_differ() =>
        Assert.Equal("\" the\" (corrupt: \" an\"), position 4", Trace(Sample).GetProperty("customdata")[4][0][0].GetString());

    [Fact]
    public void Tokens_that_look_like_markup_pass_as_they_are()
    {
        var labels = Texts(Layout(Sample).GetProperty("yaxis").GetProperty("ticktext"));
        Assert.Equal("\"&lt;|begin_of_text|&gt;\"", labels[0]);
        Assert.Equal("\"\\\"&lt;/script&gt;&amp;amp;\"", labels[7]);
    }

    [Fact]
    public void Cells_that_are_not_a_number_stay_empty() => Assert.All(
        Trace(SampleResults.Small((layer, _) => layer == 3 ? float.NaN : 0.5f)).GetProperty("z").EnumerateArray(),
        row => Assert.Equal(JsonValueKind.Null, row[3].ValueKind));

    [Fact]
    public void The_page_carries_its_chart_and_asks_nobody_for_anything()
    {
        using var folder = new TemporaryFolder();
        Heatmap.Draw(Sample).WriteHtml(folder.File("a.html"));
        var page = File.ReadAllText(folder.File("a.html"));
        Assert.StartsWith("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n", page);
        Assert.Contains("<title>Indirect Effects of Residual Layers</title>", page);
        Assert.Contains("content=\"default-src 'none'; script-src 'unsafe-inline'; ", page);
        Assert.Contains("plotly.js v2.28.0", page);
        var markup = Scripts().Replace(page, "");
        Assert.DoesNotContain("http", markup.Replace("http-equiv", ""));
        Assert.DoesNotContain("src=", markup);
        Assert.Equal(["data:,"], Links().Matches(markup).Select(match => match.Groups[1].Value));
        // The last script is ours; the library's own addresses are constants that a heatmap never uses.
        Assert.DoesNotContain("http", Scripts().Matches(page)[^1].Value);
    }

    [Fact]
    public void A_token_cannot_end_the_script()
    {
        var html = ChartHtml.WithoutPlotly(Heatmap.Draw(Sample).ToHtml());
        Assert.Equal(1, Scripts().Count(html));
        Assert.Equal(1, Regex.Count(html, "</script", RegexOptions.IgnoreCase));
    }

    [Fact]
    public void The_figure_in_the_page_is_the_charts()
    {
        var heatmap = Heatmap.Draw(Sample);
        var json = ChartHtml.FiguresIn(heatmap.ToHtml()).Single();
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(heatmap.ToFigureJson()), JsonElement.Parse(json)));
    }

    [Fact]
    public void The_same_result_gives_the_same_page()
    {
        using var folder = new TemporaryFolder();
        Heatmap.Draw(Sample).WriteHtml(folder.File("a.html"));
        Heatmap.Draw(Sample).WriteHtml(folder.File("b.html"));
        Assert.Equal(File.ReadAllBytes(folder.File("a.html")), File.ReadAllBytes(folder.File("b.html")));
    }

    private static JsonElement Figure(Heatmap heatmap) => JsonElement.Parse(heatmap.ToFigureJson());

    private static JsonElement Trace(SweepResult result) => Figure(Heatmap.Draw(result)).GetProperty("data")[0];

    private static JsonElement Layout(SweepResult result) => Figure(Heatmap.Draw(result)).GetProperty("layout");

    private static string?[] Texts(JsonElement array) => [.. array.EnumerateArray().Select(text => text.GetString())];

    [GeneratedRegex("<script[^>]*>.*?</script>", RegexOptions.Singleline)]
    private static partial Regex Scripts();

    [GeneratedRegex("href=\"([^\"]*)\"")]
    private static partial Regex Links();
}
