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
    /// <summary>The figure. Without a theme it names no colour but those of the data, and takes the page's.</summary>
    public static GenericChart Of(ChartContent content)
    {
        var traces = content.Panels.SelectMany((_, i) => PlotlyTraces.Of(content, i)).SelectMany(GenericChart.getTraces);
        return Drawn(content, new PlotlyRoom(content, PlotlyRoom.Widths(content)[0]), traces);
    }

    /// <summary>What of the figure is another on a narrower page, one figure a width: its layout, and how its grids and bars look.</summary>
    public static IEnumerable<(int Width, GenericChart Figure)> Narrower(ChartContent content) =>
        PlotlyRoom.Widths(content).Skip(1).Select(width => (width, Drawn(content, new PlotlyRoom(content, width), PlotlyTraces.Bare(content))));

    private static GenericChart Drawn(ChartContent content, PlotlyRoom room, IEnumerable<Trace> traces)
    {
        Trace[] drawn = [.. traces];
        foreach (var (i, panel) in content.Panels.Index())
            if (PlotlyTraces.HasLook(panel)) drawn[i].Set(PlotlyTraces.Look(panel, room, i));
        var figure = GenericChart.ofTraceObjects(false, ListModule.OfSeq(drawn))
            .With(Style.withLayout(LayoutOf(content, room)))
            .With(Style.withTitle(TitleOf(room)))
            .With(Style.withMargin(Margin.init<int, int, int, int, int, bool>(room.Left, room.Right, room.Top, room.Bottom, null, null)))
            .WithSize(Height: room.Height)
            .With(Style.withLegend(LegendOf(room), null));
        if (content.Theme is { } theme) figure = figure.With(Style.withTemplate(TemplateOf(theme)));
        return Enumerable.Range(0, content.Panels.Count).Aggregate(figure, (axes, i) => PlotlyAxes.Draw(axes, room, i));
    }

    /// <summary>A text as Plotly shows it: it reads a few HTML tags and entities, and tokens have to pass as they are.</summary>
    public static string Escaped(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");

    /// <summary>A number that JSON can hold, or null.</summary>
    public static float? OrNull(float value) => float.IsFinite(value) ? value : null;

    private static Layout LayoutOf(ChartContent content, PlotlyRoom room)
    {
        var family = StyleParam.FontFamily.NewCustom(string.Join(", ", content.Font.Families.Select(name => name.Contains(' ') ? $"\"{name}\"" : name)));
        var layout = new Layout().Set(
            ("font", Font.init(family, 12, null)),
            ("shapes", content.Panels.SelectMany((panel, i) => panel is GraphPanel graph ? GraphShapes.Of(graph, room, i) : []).ToArray()),
            ("annotations", content.Panels.SelectMany((_, i) => HeadingOf(room, i)).Prepend(CaptionOf(room))
                .Concat(content.Panels.SelectMany((panel, i) => panel is GraphPanel graph ? GraphShapes.Labels(graph, room, i) : [])).ToArray()));
        // Behind a grid it shows only between cells, and where one has no number.
        return content.Panels.Any(panel => panel is GridPanel) ? layout.Set(("plot_bgcolor", Colour(ColourScale.NotANumber))) : layout;
    }

    private static Title TitleOf(PlotlyRoom room) => Title.init(
        Lines(room.Title), Font.init(null, 18, null), null, Padding.init(null, PlotlyRoom.Edge, null, 16),
        0, null, "container", 1, StyleParam.YAnchorPosition.Top, "container", null, null);

    // Bands would turn the order round.
    private static Legend LegendOf(PlotlyRoom room)
    {
        var legend = new Legend().Set(("traceorder", "normal"));
        return room.IsNarrow ? legend.Set(("x", 0), ("xanchor", "left"), ("y", room.Floor), ("yanchor", "bottom")) : legend;
    }

    private static Annotation CaptionOf(PlotlyRoom room) =>
        Note(Lines(room.Caption), 11.5, "paper", "paper", 6 + room.Headings).Set(("opacity", 0.75), ("xshift", PlotlyRoom.Edge - room.Left));

    private static IEnumerable<Annotation> HeadingOf(PlotlyRoom room, int index)
    {
        var number = index + 1;
        if (room.Heading(index) is { Count: > 0 } heading)
            yield return Note(Lines(heading), 13, $"{StyleParam.LinearAxisId.NewX(number)} domain", $"{StyleParam.LinearAxisId.NewY(number)} domain", 3);
    }

    private static string Lines(IEnumerable<string> lines) => string.Join("<br>", lines.Select(Escaped));

    private static Annotation Note(string text, double size, string across, string upwards, int above) => new Annotation().Set(
        ("text", text), ("font", Font.init(null, size, null)), ("align", "left"), ("showarrow", false),
        ("x", 0), ("xref", across), ("xanchor", "left"), ("y", 1), ("yref", upwards), ("yanchor", "bottom"), ("yshift", above));

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
