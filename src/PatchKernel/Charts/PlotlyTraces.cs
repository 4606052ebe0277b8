using Plotly.NET;

namespace PatchKernel;

/// <summary>What a figure draws.</summary>
internal static class PlotlyTraces
{
    private static readonly string[] Symbols = ["circle", "square", "diamond", "triangle-up"];

    /// <summary>What is behind <c>xaxis</c> and <c>x</c> in the names of a panel's axes.</summary>
    public static string Suffix(int index) => index == 0 ? "" : $"{index + 1}";

    /// <summary>A panel's traces.</summary>
    public static IEnumerable<Trace> Of(Panel panel, int index, Theme theme)
    {
        IEnumerable<Trace> traces = panel switch
        {
            GridPanel grid => [OfGrid(grid, theme)],
            CurvePanel curves => curves.Curves.SelectMany(curve => OfCurve(curves, curve, theme)),
            BarPanel bars => [OfBars(bars, theme)],
            _ => [],
        };
        foreach (var trace in traces)
        {
            if (index > 0)
            {
                trace.SetProperty("xaxis", $"x{Suffix(index)}");
                trace.SetProperty("yaxis", $"y{Suffix(index)}");
            }
            yield return trace;
        }
    }

    private static Trace OfGrid(GridPanel panel, Theme theme)
    {
        int[] columns = [.. Enumerable.Range(0, panel.Columns.Count)], rows = [.. Enumerable.Range(0, panel.Rows.Count)];
        var stops = panel.Colours.Scale.Stops;
        var trace = new Trace("heatmap");
        trace.SetProperty("x", columns);
        // Rows are keyed by position; their labels are ticks, so equal tokens stay apart.
        trace.SetProperty("y", rows);
        trace.SetProperty("z", rows.Select(row => columns.Select(column => PlotlyFigure.OrNull(panel.Value(row, column)))));
        trace.SetProperty("customdata", rows.Select(row => columns.Select(column => panel.Hover.Data(row, column))));
        trace.SetProperty("hovertemplate", panel.Hover.Template);
        trace.SetProperty("zmin", panel.Colours.Range.Low);
        trace.SetProperty("zmax", panel.Colours.Range.High);
        trace.SetProperty("colorscale", stops.Select((stop, i) => new object[] { i / (stops.Count - 1.0), stop.Hex }));
        trace.SetProperty("showscale", panel.ShowsColours);
        var title = new { text = panel.Colours.Title, side = "bottom" };
        if (panel.ShowsColours) trace.SetProperty("colorbar", new { title, thickness = 16, outlinewidth = 0, tickcolor = theme.Ink.Hex });
        return trace;
    }

    private static IEnumerable<Trace> OfCurve(CurvePanel panel, Curve curve, Theme theme)
    {
        var colour = theme.Series[curve.Series];
        if (curve is { Lower: { } lower, Upper: { } upper })
        {
            yield return Edge(panel, lower);
            var band = Edge(panel, upper);
            band.SetProperty("fill", "tonexty");
            band.SetProperty("fillcolor", FormattableString.Invariant($"rgba({colour.R},{colour.G},{colour.B},0.18)"));
            yield return band;
        }
        var trace = Scatter(panel, curve.Values);
        trace.SetProperty("name", PlotlyFigure.Text(curve.Name));
        trace.SetProperty("mode", "lines+markers");
        trace.SetProperty("line", new { color = colour.Hex, width = 2 });
        trace.SetProperty("marker", new { color = colour.Hex, size = 7, symbol = Symbols[curve.Series] });
        var interval = curve.Lower is null ? "" : "<br>interval %{customdata[1]:.4f} to %{customdata[2]:.4f}";
        var column = panel.Columns.Title.ToLowerInvariant();
        trace.SetProperty("hovertemplate", $"%{{fullData.name}}<br>{column} %{{customdata[0]}}<br>%{{y:.4f}}{interval}<extra></extra>");
        trace.SetProperty("customdata", Enumerable.Range(0, panel.Columns.Count).Select(i => new object?[]
        {
            PlotlyFigure.Text(panel.Columns.Labels[i]),
            PlotlyFigure.OrNull(curve.Lower?[i] ?? float.NaN),
            PlotlyFigure.OrNull(curve.Upper?[i] ?? float.NaN),
        }));
        yield return trace;
    }

    private static Trace Edge(CurvePanel panel, IReadOnlyList<float> values)
    {
        var edge = Scatter(panel, values);
        edge.SetProperty("mode", "lines");
        edge.SetProperty("line", new { width = 0 });
        edge.SetProperty("hoverinfo", "skip");
        edge.SetProperty("showlegend", false);
        return edge;
    }

    private static Trace Scatter(CurvePanel panel, IReadOnlyList<float> values)
    {
        var trace = new Trace("scatter");
        trace.SetProperty("x", Enumerable.Range(0, panel.Columns.Count).ToArray());
        trace.SetProperty("y", values.Select(PlotlyFigure.OrNull));
        return trace;
    }

    private static Trace OfBars(BarPanel panel, Theme theme)
    {
        var trace = new Trace("bar");
        trace.SetProperty("orientation", "h");
        trace.SetProperty("y", Enumerable.Range(0, panel.Rows.Count).ToArray());
        trace.SetProperty("x", panel.Lengths.Select(PlotlyFigure.OrNull));
        trace.SetProperty("text", panel.Notes.Select(PlotlyFigure.Text));
        trace.SetProperty("textposition", "outside");
        trace.SetProperty("cliponaxis", false);
        trace.SetProperty("customdata", panel.Rows.Labels.Select(PlotlyFigure.Text));
        trace.SetProperty("hovertemplate", $"%{{customdata}}<br>{panel.Values.Title.ToLowerInvariant()} %{{x:.4f}}<br>%{{text}}<extra></extra>");
        trace.SetProperty("marker", new { color = theme.Series[panel.Series].Hex });
        trace.SetProperty("showlegend", false);
        return trace;
    }
}
