using Plotly.NET;
using static PatchKernel.Charts.PlotlyStyle;
using Draw = Plotly.NET.CSharp.Chart;
using Style = Plotly.NET.Chart;

namespace PatchKernel.Charts;

/// <summary>What a figure draws.</summary>
internal static class PlotlyTraces
{
    /// <summary>The shapes of series' points.</summary>
    public static readonly StyleParam.MarkerSymbol[] Symbols =
        [StyleParam.MarkerSymbol.Circle, StyleParam.MarkerSymbol.Square, StyleParam.MarkerSymbol.Diamond, StyleParam.MarkerSymbol.TriangleUp, StyleParam.MarkerSymbol.TriangleDown,
            StyleParam.MarkerSymbol.X, StyleParam.MarkerSymbol.Cross];

    /// <summary>A panel's traces.</summary>
    public static IEnumerable<GenericChart> Of(ChartContent content, int index)
    {
        var panel = content.Panels[index];
        IEnumerable<GenericChart> traces = panel switch
        {
            GridPanel grid => [OfGrid(grid)],
            CurvePanel curves when content.Panels.Count == 1 => [.. curves.Levels.Select(level => OfLevel(curves, level)), .. curves.Curves.SelectMany(curve => OfCurve(curves, curve))],
            // One name in the legend stands for the curves of all panels.
            CurvePanel curves => curves.Curves.SelectMany(curve => OfCurve(curves, curve).Select((trace, part) => trace.SetTraces(
                ("legendgroup", curve.Name), ("showlegend", index == 0 && (!curve.HasBand || part == 2))))),
            BarPanel bars => [OfBars(bars)],
            PointPanel points => PointTraces.Of(points),
            GraphPanel graph => GraphTraces.Of(graph),
            _ => [],
        };
        return index == 0 ? traces : traces.Select(trace => trace.With(Style.withAxisAnchor(index + 1, index + 1)));
    }

    private static GenericChart OfGrid(GridPanel panel)
    {
        int[] columns = [.. Enumerable.Range(0, panel.Columns.Count)], rows = [.. Enumerable.Range(0, panel.Rows.Count)];
        var stops = panel.Colours.Scale.Stops;
        // Rows are keyed by position; their labels are ticks, so equal tokens stay apart.
        return Draw.Heatmap<IConvertible, int, int, string>(
            rows.Select(row => Numbers(columns.Select(column => panel.Value(row, column)))),
            X: new(columns, true), Y: new(rows, true), UseDefaults: false,
            ColorScale: StyleParam.Colorscale.NewCustom(stops.Select((stop, i) => Tuple.Create(i / (stops.Count - 1.0), Colour(stop)))))
            .SetTraces(
                ("zmin", panel.Colours.Range.Low), ("zmax", panel.Colours.Range.High), ("hovertemplate", panel.Hover.Template),
                ("customdata", rows.Select(row => columns.Select(column => panel.Hover.Data(row, column).Select(Shown)))));
    }

    /// <summary>Whether a panel is one trace, which looks different on another page.</summary>
    public static bool HasLook(Panel panel) => panel is GridPanel or BarPanel;

    /// <summary>Traces without data, one for each panel that looks different on another page.</summary>
    public static IEnumerable<Trace> Bare(ChartContent content) =>
        content.Panels.Where(HasLook).Select(panel => new Trace(panel is GridPanel ? "heatmap" : "bar"));

    /// <summary>How a panel looks on a page: edges between cells that aren't small, beside the last grid what all colours mean, and the notes of bars.</summary>
    public static IEnumerable<(string, object?)> Look(Panel panel, PlotlyRoom room, int index) => panel switch
    {
        GridPanel grid => Look(grid, room, index),
        BarPanel bars => [("text", bars.NotesIn(room.DataWidth).Select(PlotlyFigure.Escaped))],
        _ => [],
    };

    private static IEnumerable<(string, object?)> Look(GridPanel panel, PlotlyRoom room, int index)
    {
        var edge = panel.HasEdges(room.DataWidth, room.DataHeight(index)) ? 1 : 0;
        return
        [
            ("xgap", edge), ("ygap", edge), ("showscale", index == room.Rows.Panels.Count - 1),
            ("colorbar", room.IsNarrow ? Bar(panel, 12).Set(
                ("orientation", "h"), ("x", 0), ("xanchor", "left"), ("xpad", 0), ("y", room.Floor), ("yanchor", "bottom"), ("ypad", 2)) : Bar(panel, 16)),
        ];
    }

    private static ColorBar Bar(GridPanel panel, int thickness) => new ColorBar().Set(
        ("title", new Title().Set(("text", panel.Colours.Title), ("side", "bottom"))), ("thickness", thickness), ("outlinewidth", 0));

    // What a hover says of a cell.
    private static object? Shown(object value) => value switch
    {
        string text => PlotlyFigure.Escaped(text),
        float number => PlotlyFigure.OrNull(number),
        _ => value,
    };

    private static IEnumerable<GenericChart> OfCurve(CurvePanel panel, Curve curve)
    {
        var colour = Theme.AllSeries[curve.Series];
        double[] x = [.. Enumerable.Range(0, panel.Columns.Count).Select(panel.Columns.Place)];
        if (curve is { HasBand: true, Lower: { } lower, Upper: { } upper })
        {
            yield return Edge(x, lower);
            yield return Edge(x, upper).SetTraces(
                ("fill", "tonexty"), ("fillcolor", FormattableString.Invariant($"rgba({colour.R},{colour.G},{colour.B},0.18)")));
        }
        var interval = curve.Lower is null ? "" : "<br>interval %{customdata[1]:.4f} to %{customdata[2]:.4f}";
        var column = panel.Columns.Title.ToLowerInvariant();
        yield return Draw.Scatter<double, IConvertible, string>(
            x, Numbers(curve.Values), StyleParam.Mode.Lines_Markers, Name: PlotlyFigure.Escaped(curve.Name), MarkerColor: Colour(colour),
            MarkerSymbol: Symbols[curve.Shape], LineColor: Colour(colour), LineWidth: 2,
            LineDash: curve.IsControl ? new(StyleParam.DrawingStyle.Dash, true) : default, UseDefaults: false)
            .SetTraces(
                ("hovertemplate", $"%{{fullData.name}}<br>{column} %{{customdata[0]}}<br>%{{y:.4f}}{interval}<extra></extra>"),
                ("customdata", x.Select((_, i) => new object?[]
                {
                    PlotlyFigure.Escaped(panel.Columns.Labels[i]), PlotlyFigure.OrNull(curve.Lower?[i] ?? float.NaN), PlotlyFigure.OrNull(curve.Upper?[i] ?? float.NaN),
                })));
    }

    private static GenericChart Edge(IEnumerable<double> x, IEnumerable<float> values) => Draw.Scatter<double, IConvertible, string>(
        x, Numbers(values), StyleParam.Mode.Lines, ShowLegend: false, LineWidth: 0, UseDefaults: false).SetTraces(("hoverinfo", "skip"));

    private static GenericChart OfLevel(CurvePanel panel, Level level) => Line(
        [panel.Columns.Ends.Low, panel.Columns.Ends.High], [level.Value, level.Value], level.Name, Theme.Series[Theme.ControlSeries], level.IsDashed);

    /// <summary>A line that data are compared with.</summary>
    public static GenericChart Line(IEnumerable<double> x, IEnumerable<double> y, string name, Rgb colour, bool isDashed) => Draw.Scatter<double, double, string>(
        x, y, StyleParam.Mode.Lines, Name: PlotlyFigure.Escaped(name), LineColor: Colour(colour), LineWidth: 1.5,
        LineDash: isDashed ? new(StyleParam.DrawingStyle.Dash, true) : default, UseDefaults: false).SetTraces(("hoverinfo", "skip"));

    private static GenericChart OfBars(BarPanel panel) => Draw.Bar<IConvertible, int, string>(
        Numbers(panel.Lengths), Keys: new(Enumerable.Range(0, panel.Rows.Count), true),
        TextPosition: StyleParam.TextPosition.Outside, MarkerColor: Colour(Theme.Series[panel.Series]), ShowLegend: false, UseDefaults: false)
        .SetTraces(
            ("cliponaxis", false), ("customdata", panel.Rows.Labels.Select(PlotlyFigure.Escaped)),
            ("hovertemplate", $"%{{customdata}}<br>{panel.Title.ToLowerInvariant()} %{{x:.4f}}<br>%{{text}}<extra></extra>"));
}
