using Microsoft.FSharp.Collections;
using Plotly.NET;
using Plotly.NET.CSharp;
using Plotly.NET.LayoutObjects;
using static PatchKernel.Charts.PlotlyStyle;
using Style = Plotly.NET.Chart;

namespace PatchKernel.Charts;

/// <summary>A chart as Plotly's figure.</summary>
internal static class PlotlyFigure
{
    private static readonly StyleParam.FontFamily Family =
        StyleParam.FontFamily.NewCustom("\"DejaVu Sans\", Verdana, \"Segoe UI\", Helvetica, Arial, sans-serif");

    /// <summary>The figure. Without a theme it names no colour but those of the data, and takes the page's.</summary>
    public static GenericChart Of(ChartContent content)
    {
        var traces = content.Panels.SelectMany((panel, i) => PlotlyTraces.Of(panel, i)).SelectMany(GenericChart.getTraces);
        var figure = GenericChart.ofTraceObjects(false, ListModule.OfSeq(traces))
            .With(Style.withLayout(LayoutOf(content)))
            .With(Style.withTitle(TitleOf(content)))
            .With(Style.withMargin(Margin.init<int, int, int, int, int, bool>(60, 20, PlotlyRoom.Top(content), PlotlyRoom.Bottom(content), null, null)))
            .WithSize(Height: PlotlyRoom.Height(content))
            // Bands would turn the order round.
            .WithLegendStyle(TraceOrder: StyleParam.TraceOrder.Normal);
        if (content.Theme is { } theme) figure = figure.With(Style.withTemplate(TemplateOf(theme)));
        return Enumerable.Range(0, content.Panels.Count).Aggregate(figure, (drawn, i) => PlotlyAxes.Draw(drawn, content, i));
    }

    /// <summary>A text as Plotly shows it: it reads a few HTML tags and entities, and tokens have to pass as they are.</summary>
    public static string Escaped(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");

    /// <summary>A number that JSON can hold, or null.</summary>
    public static float? OrNull(float value) => float.IsFinite(value) ? value : null;

    private static Layout LayoutOf(ChartContent content)
    {
        var layout = new Layout().Set(
            ("font", Font.init(Family, 12, null)), ("annotations", content.Panels.SelectMany(HeadingOf).Prepend(CaptionOf(content)).ToArray()));
        // Behind a grid it shows only where a cell has no number.
        return content.Panels.Any(panel => panel is GridPanel) ? layout.Set(("plot_bgcolor", Colour(ColourScale.NotANumber))) : layout;
    }

    private static Title TitleOf(ChartContent content) => Title.init(
        Escaped(content.Title), Font.init(null, 18, null), null, Padding.init(null, null, null, 16),
        0, null, "paper", 1, StyleParam.YAnchorPosition.Top, "container", null, null);

    private static Annotation CaptionOf(ChartContent content) =>
        Note(string.Join("<br>", content.CaptionLines.Select(Escaped)), 11.5, "paper", 6 + PlotlyRoom.Headings(content)).Set(("opacity", 0.75));

    private static IEnumerable<Annotation> HeadingOf(Panel panel, int index)
    {
        if (panel.Heading is { } heading) yield return Note(Escaped(heading), 13, $"{StyleParam.LinearAxisId.NewX(index + 1)} domain", 3);
    }

    private static Annotation Note(string text, double size, string across, int above) => new Annotation().Set(
        ("text", text), ("font", Font.init(null, size, null)), ("align", "left"), ("showarrow", false),
        ("x", 0), ("xref", across), ("xanchor", "left"), ("y", 1), ("yref", "paper"), ("yanchor", "bottom"), ("yshift", above));

    /// <summary>A theme's colours, for all that names none.</summary>
    private static Template TemplateOf(Theme theme)
    {
        var (ink, paper) = (Colour(theme.Ink), Colour(theme.Paper));
        var axis = new LinearAxis().Set(
            ("linecolor", ink), ("tickcolor", ink), ("gridcolor", Colour(theme.Lines)), ("zerolinecolor", Colour(theme.Muted)));
        var layout = new Layout().Set(
            ("font", Font.init(null, null, ink)), ("paper_bgcolor", paper), ("plot_bgcolor", paper), ("xaxis", axis), ("yaxis", axis));
        return Template.init<Trace>(layout, null);
    }
}
