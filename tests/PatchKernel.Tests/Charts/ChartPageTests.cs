using System.Text.Json;

namespace PatchKernel.Tests;

public sealed class ChartPageTests
{
    [Fact]
    public void A_chart_begins_with_its_picture_and_the_script_comes_after()
    {
        var html = Heatmap.Draw(SampleResults.Small()).ToHtml();
        var (picture, script) = (html.IndexOf("<img ", StringComparison.Ordinal), html.IndexOf("<script", StringComparison.Ordinal));
        Assert.StartsWith("<div id=\"patchkernel-", html);
        Assert.InRange(picture, 0, 200);
        Assert.True(script > picture);
    }

    [Fact]
    public void The_picture_is_the_charts_own_and_says_what_it_shows()
    {
        var heatmap = Heatmap.Draw(SampleResults.Small());
        var html = heatmap.ToHtml();
        Assert.Contains($"src=\"data:image/png;base64,{Convert.ToBase64String(heatmap.ToPng())}\"", html);
        Assert.Contains("alt=\"Indirect Effects of Residual Layers. mini, pair sample · ", html.Replace("&#183;", "·"));
        Assert.DoesNotContain("Isaac\"", html[..html.IndexOf("<script", StringComparison.Ordinal)]);
    }

    [Fact]
    public void The_script_draws_where_plotly_is_and_waits_where_it_is_not() =>
        Assert.EndsWith(
            "if(window.patchkernelDraw)draw();else(window.patchkernelCharts=window.patchkernelCharts||[]).push(draw);})();</script>",
            ChartHtml.WithoutPlotly(Heatmap.Draw(SampleResults.Small()).ToHtml()).TrimEnd());

    [Fact]
    public void Plotly_runs_once_a_page_hides_from_module_loaders_and_draws_what_waits()
    {
        var script = ChartPage.PlotlyScript;
        Assert.StartsWith("<script data-patchkernel=\"plotly\">(function(){if(window.Plotly)return;var define,module,exports;\n", script);
        Assert.Contains("\n}).call(window);\n", script, StringComparison.Ordinal);
        Assert.EndsWith("\n(window.patchkernelCharts || []).splice(0).forEach(draw => draw());\n</script>", script);
        Assert.Equal(2, script.Split("</script").Length);
    }

    [Fact]
    public void Once_plotly_is_there_charts_leave_it_out()
    {
        _ = Notebook.Start().ToHtml();
        Assert.DoesNotContain("data-patchkernel=\"plotly\"", Heatmap.Draw(SampleResults.Small()).ToHtml());
    }

    [Fact]
    public void The_figures_in_a_page_can_be_read_back()
    {
        ResultChart[] charts = [Heatmap.Draw(SampleResults.Small()), Heatmaps.Draw(SampleResults.Small(), SampleResults.Small())];
        var figures = ChartHtml.FiguresIn(ChartPage.PlotlyScript + string.Concat(charts.Select(chart => chart.ToHtml())));
        Assert.Equal(charts.Length, figures.Count);
        Assert.All(charts.Zip(figures), pair => Assert.True(
            JsonElement.DeepEquals(JsonElement.Parse(pair.First.ToFigureJson()), JsonElement.Parse(pair.Second))));
    }

    [Fact]
    public void Two_charts_in_a_notebook_have_places_of_their_own()
    {
        var heatmap = Heatmap.Draw(SampleResults.Small());
        Assert.NotEqual(heatmap.ToHtml()[..60], heatmap.ToHtml()[..60]);
    }
}
