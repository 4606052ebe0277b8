using Plotly.NET;

namespace PatchKernel;

/// <summary>A heatmap as Plotly's figure.</summary>
/// <remarks>Plotly.NET stays behind these signatures: in a notebook's kernel PatchKernel's module initialiser has to run before it is touched.</remarks>
internal static class PlotlyHeatmap
{
    private const string FontFamily = "\"DejaVu Sans\", Verdana, \"Segoe UI\", Helvetica, Arial, sans-serif";
    private const string Ink = "#222222";
    private const int RowHeight = 19;
    private const int TopMargin = 108;
    private const int BottomMargin = 62;

    /// <summary>Height that gives every row's label its room, in pixels.</summary>
    public static int Height(HeatmapContent content) => Math.Max(360, content.Rows * RowHeight + TopMargin + BottomMargin);

    /// <summary>The figure: <c>data</c>, <c>layout</c> and no <c>frames</c>.</summary>
    public static string FigureJson(HeatmapContent content) =>
        GenericChart.toFigureJson(GenericChart.addLayout(LayoutOf(content), GenericChart.ofTraceObject(false, TraceOf(content))));

    private static Trace TraceOf(HeatmapContent content)
    {
        int[] layers = [.. Enumerable.Range(0, content.Layers)], rows = [.. Enumerable.Range(0, content.Rows)];
        var stops = content.Scale.Stops;
        var trace = new Trace("heatmap");
        trace.SetProperty("x", layers);
        // Rows are keyed by position; their labels are ticks, so equal tokens stay apart.
        trace.SetProperty("y", rows);
        trace.SetProperty("z", rows.Select(row => layers.Select(layer => OrNull(content.Grid.Score(layer, row)))));
        trace.SetProperty("customdata", rows.Select(row => layers.Select(layer => HoverOf(content, layer, row))));
        trace.SetProperty("hovertemplate", HoverTemplate(content));
        trace.SetProperty("zmin", content.Range.Low);
        trace.SetProperty("zmax", content.Range.High);
        trace.SetProperty("colorscale", stops.Select((stop, i) => new object[] { i / (stops.Count - 1.0), stop.Hex }));
        var title = new { text = HeatmapContent.ColourBarTitle, side = "bottom" };
        trace.SetProperty("colorbar", new { title, thickness = 16, outlinewidth = 0 });
        return trace;
    }

    private static Layout LayoutOf(HeatmapContent content)
    {
        var layout = new Layout();
        layout.SetProperty("title", TitleOf(content));
        layout.SetProperty("annotations", new[] { CaptionOf(content) });
        layout.SetProperty("font", new { family = FontFamily, size = 12, color = Ink });
        layout.SetProperty("height", Height(content));
        layout.SetProperty("margin", new { l = 60, r = 20, t = TopMargin, b = BottomMargin });
        layout.SetProperty("xaxis", AxisOf(HeatmapContent.XTitle, content.LayerTicks, content.LayerTicks.Select(layer => $"{layer}")));
        var rows = AxisOf(content.YTitle, Enumerable.Range(0, content.Rows), content.RowLabels.Select(Text));
        rows["autorange"] = "reversed";
        rows["automargin"] = true;
        layout.SetProperty("yaxis", rows);
        // It shows only where a cell has no number.
        layout.SetProperty("plot_bgcolor", ColourScale.NotANumber.Hex);
        layout.SetProperty("paper_bgcolor", "#ffffff");
        return layout;
    }

    private static Dictionary<string, object> AxisOf(string title, IEnumerable<int> ticks, IEnumerable<string> labels) => new()
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
        ["linecolor"] = Ink,
    };

    private static object TitleOf(HeatmapContent content) => new
    {
        text = Text(content.Title),
        x = 0,
        xref = "paper",
        y = 1,
        yref = "container",
        yanchor = "top",
        pad = new { t = 16 },
        font = new { size = 18 },
    };

    private static object CaptionOf(HeatmapContent content) => new
    {
        text = string.Join("<br>", content.Caption.Select(Text)),
        x = 0,
        xref = "paper",
        xanchor = "left",
        y = 1,
        yref = "paper",
        yanchor = "bottom",
        yshift = 6,
        align = "left",
        showarrow = false,
        font = new { size = 11.5, color = "#555555" },
    };

    private static string HoverTemplate(HeatmapContent content)
    {
        var (clean, corrupt) = (Text(content.Result.Pair.CleanTarget.ToString()), Text(content.Result.Pair.CorruptTarget.ToString()));
        return $"%{{customdata[0]}}<br>layer %{{x}}<br>score %{{z:.4f}} ({content.Result.Metric.Name})"
            + $"<br>logit of {clean}: %{{customdata[1]:.4f}}<br>logit of {corrupt}: %{{customdata[2]:.4f}}<extra></extra>";
    }

    private static object?[] HoverOf(HeatmapContent content, int layer, int row)
    {
        var (result, (cell, head)) = (content.Result, content.Grid.Cell(layer, row));
        var place = content.Grid.RowsArePositions ? PlaceOf(result.Pair, row) : $"head {row}";
        return [Text(head is null ? place : $"{place}, head {head}"), OrNull(result.CleanTarget[cell]), OrNull(result.CorruptTarget[cell])];
    }

    private static string PlaceOf(PromptPair pair, int pos)
    {
        var clean = pair.Clean.Label(pos);
        return pair.Clean.Ids[pos] == pair.Corrupt.Ids[pos]
            ? $"{clean}, position {pos}"
            : $"{clean} (corrupt: {pair.Corrupt.Label(pos)}), position {pos}";
    }

    private static float? OrNull(float value) => float.IsFinite(value) ? value : null;

    // Plotly reads a few HTML tags and entities in its texts; tokens have to pass as they are.
    private static string Text(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");
}
