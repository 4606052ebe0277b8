using System.Text.Json;
using Plotly.NET;
using Plotly.NET.CSharp;
using Plotly.NET.LayoutObjects;

namespace PatchKernel.Tests;

/// <summary>Charts handed over to Plotly.NET.</summary>
public sealed class ToPlotlyTests
{
    private static readonly Heatmap Sample = Heatmap.Draw(SampleResults.Small());

    [Fact]
    public void It_is_the_figure_that_a_notebook_shows() =>
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(Sample.ToFigureJson()), Json(Sample.ToPlotly())));

    [Fact]
    public void Its_parts_are_Plotlys_own_types_so_that_a_style_adds_to_them()
    {
        var axis = Layout.getLinearAxisById(StyleParam.SubPlotId.NewYAxis(1)).Invoke(GenericChart.getLayout(Sample.ToPlotly()));
        Assert.IsType<LinearAxis>(axis);
        var (before, after) = (Axis(Sample.ToPlotly()), Axis(Sample.ToPlotly().WithYAxisStyle<int, int, string>(TitleText: "Words")));
        Assert.Equal("Words", after.GetProperty("title").GetProperty("text").GetString());
        foreach (var kept in (string[])["ticktext", "range", "showline", "anchor"])
            Assert.True(JsonElement.DeepEquals(before.GetProperty(kept), after.GetProperty(kept)), kept);
    }

    [Fact]
    public void A_new_title_stands_where_the_first_one_was()
    {
        var title = Json(Sample.ToPlotly().WithTitle("Mine")).GetProperty("layout").GetProperty("title");
        Assert.Equal("Mine", title.GetProperty("text").GetString());
        Assert.Equal("container", title.GetProperty("xref").GetString());
    }

    [Fact]
    public void Changing_it_leaves_the_chart_as_it_is()
    {
        _ = Sample.ToPlotly().WithTitle("Mine").WithSize(Height: 100);
        Assert.Equal("Indirect Effects of Residual Layers", Json(Sample.ToPlotly()).GetProperty("layout").GetProperty("title").GetProperty("text").GetString());
    }

    [Fact]
    public void A_theme_that_was_asked_for_goes_along() =>
        Assert.Equal("#1f1f1f", Json(Heatmap.Draw(SampleResults.Small(), new() { Theme = Theme.Dark }).ToPlotly())
            .GetProperty("layout").GetProperty("template").GetProperty("layout").GetProperty("paper_bgcolor").GetString());

    private static JsonElement Axis(GenericChart chart) => Json(chart).GetProperty("layout").GetProperty("yaxis");

    private static JsonElement Json(GenericChart chart) => JsonElement.Parse(GenericChart.toFigureJson(chart));
}
