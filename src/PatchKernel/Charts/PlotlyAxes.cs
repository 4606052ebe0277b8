namespace PatchKernel;

/// <summary>The axes of a figure's panels.</summary>
internal static class PlotlyAxes
{
    /// <summary>A panel's horizontal and vertical axis.</summary>
    public static (Dictionary<string, object> X, Dictionary<string, object> Y) Of(ChartContent content, int index)
    {
        var panel = content.Panels[index];
        var (x, y) = panel switch
        {
            GridPanel grid => OfGrid(content, grid),
            CurvePanel curves => OfCurves(content, curves),
            BarPanel bars => OfBars(content, bars),
            _ => throw new InvalidOperationException(),
        };
        if (content.Panels.Count > 1) x["domain"] = PlotlyRoom.Domain(content, index);
        (x["anchor"], y["anchor"]) = ($"y{PlotlyTraces.Suffix(index)}", $"x{PlotlyTraces.Suffix(index)}");
        if (!panel.ShowsRows)
        {
            y["showticklabels"] = false;
            y["ticks"] = "";
            y.Remove("title");
            y["matches"] = "y";
        }
        return (x, y);
    }

    private static (Dictionary<string, object>, Dictionary<string, object>) OfGrid(ChartContent content, GridPanel grid)
    {
        var width = PlotlyRoom.ColumnWidth(grid.Columns, content.Panels.Count);
        var x = Categories(content.Theme, grid.Columns, grid.Columns.Ticks(width, grid.UprightColumns ? PlotlyRoom.LabelHeight : 22));
        if (grid.UprightColumns) (x["tickangle"], x["automargin"]) = (-90, true);
        var y = Categories(content.Theme, grid.Rows, grid.Rows.Ticks(PlotlyRoom.RowHeight(grid), PlotlyRoom.LabelHeight));
        (y["autorange"], y["automargin"]) = ("reversed", true);
        return (x, y);
    }

    private static (Dictionary<string, object>, Dictionary<string, object>) OfCurves(ChartContent content, CurvePanel curves)
    {
        var width = PlotlyRoom.ColumnWidth(curves.Columns, content.Panels.Count);
        var needed = curves.Columns.Labels.Max(label => label.Length) > 3 ? 40 : 22;
        var x = Categories(content.Theme, curves.Columns, curves.Columns.Ticks(width, needed));
        x["range"] = new[] { -0.5, curves.Columns.Count - 0.5 };
        return (x, Numbers(content.Theme, curves.Values));
    }

    private static (Dictionary<string, object>, Dictionary<string, object>) OfBars(ChartContent content, BarPanel bars)
    {
        var y = Categories(content.Theme, bars.Rows, [.. Enumerable.Range(0, bars.Rows.Count)]);
        (y["autorange"], y["automargin"], y["ticks"]) = ("reversed", true, "");
        return (Numbers(content.Theme, bars.Values), y);
    }

    private static Dictionary<string, object> Categories(Theme theme, CategoryAxis axis, IReadOnlyList<int> ticks) =>
        Axis(theme, axis.Title, ticks, ticks.Select(tick => PlotlyFigure.Text(axis.Labels[tick])));

    private static Dictionary<string, object> Numbers(Theme theme, ValueAxis axis)
    {
        var numbers = Axis(theme, axis.Title, axis.Ticks, axis.Ticks.Select(ChartText.Tick));
        (numbers["range"], numbers["showgrid"], numbers["gridcolor"]) = (new[] { axis.Range.Low, axis.Range.High }, true, theme.Lines.Hex);
        if (axis.Range.Low < 0) (numbers["zeroline"], numbers["zerolinecolor"]) = (true, theme.Muted.Hex);
        return numbers;
    }

    private static Dictionary<string, object> Axis<T>(Theme theme, string title, IEnumerable<T> ticks, IEnumerable<string> labels) => new()
    {
        ["title"] = new { text = title, standoff = 12 },
        ["tickmode"] = "array",
        ["tickvals"] = ticks,
        ["ticktext"] = labels,
        ["ticks"] = "outside",
        ["showgrid"] = false,
        ["zeroline"] = false,
        ["showline"] = true,
        ["mirror"] = true,
        ["linecolor"] = theme.Ink.Hex,
        ["tickcolor"] = theme.Ink.Hex,
    };
}
