using Microsoft.FSharp.Collections;
using Plotly.NET;

namespace PatchKernel;

/// <summary>A chart as Plotly's figure.</summary>
/// <remarks>Plotly.NET stays behind these signatures: in a notebook's kernel PatchKernel's module initialiser has to run before it is touched.</remarks>
internal static class PlotlyFigure
{
    private const string FontFamily = "\"DejaVu Sans\", Verdana, \"Segoe UI\", Helvetica, Arial, sans-serif";

    /// <summary>The figure: <c>data</c>, <c>layout</c> and no <c>frames</c>.</summary>
    public static string Json(ChartContent content)
    {
        var traces = ListModule.OfSeq(content.Panels.SelectMany((panel, i) => PlotlyTraces.Of(panel, i, content.Theme)));
        return GenericChart.toFigureJson(GenericChart.addLayout(LayoutOf(content), GenericChart.ofTraceObjects(false, traces)));
    }

    /// <summary>Height that gives the rows' labels their room, in pixels.</summary>
    public static int Height(ChartContent content) => PlotlyRoom.Height(content);

    /// <summary>A text as Plotly shows it: it reads a few HTML tags and entities, and tokens have to pass as they are.</summary>
    public static string Text(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");

    /// <summary>A number that JSON can hold, or null.</summary>
    public static float? OrNull(float value) => float.IsFinite(value) ? value : null;

    private static Layout LayoutOf(ChartContent content)
    {
        var (layout, theme) = (new Layout(), content.Theme);
        layout.SetProperty("title", TitleOf(content));
        layout.SetProperty("annotations", content.Panels.SelectMany(HeadingOf).Prepend(CaptionOf(content)).ToArray());
        layout.SetProperty("font", new { family = FontFamily, size = 12, color = theme.Ink.Hex });
        layout.SetProperty("height", Height(content));
        // Bands would turn the order round.
        layout.SetProperty("legend", new { traceorder = "normal" });
        layout.SetProperty("margin", new { l = 60, r = 20, t = PlotlyRoom.Top(content), b = PlotlyRoom.Bottom(content) });
        for (var i = 0; i < content.Panels.Count; i++)
        {
            var (x, y) = PlotlyAxes.Of(content, i);
            layout.SetProperty("xaxis" + PlotlyTraces.Suffix(i), x);
            layout.SetProperty("yaxis" + PlotlyTraces.Suffix(i), y);
        }
        // Behind a grid it shows only where a cell has no number.
        var behind = content.Panels.Any(panel => panel is GridPanel) ? ColourScale.NotANumber : theme.Paper;
        layout.SetProperty("plot_bgcolor", behind.Hex);
        layout.SetProperty("paper_bgcolor", theme.Paper.Hex);
        return layout;
    }

    private static object TitleOf(ChartContent content) => new
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

    private static object CaptionOf(ChartContent content) => new
    {
        text = string.Join("<br>", content.CaptionLines.Select(Text)),
        x = 0,
        xref = "paper",
        xanchor = "left",
        y = 1,
        yref = "paper",
        yanchor = "bottom",
        yshift = 6 + PlotlyRoom.Headings(content),
        align = "left",
        showarrow = false,
        font = new { size = 11.5, color = content.Theme.Muted.Hex },
    };

    private static IEnumerable<object> HeadingOf(Panel panel, int index)
    {
        if (panel.Heading is not { } heading) yield break;
        yield return new
        {
            text = Text(heading),
            x = 0,
            xref = $"x{PlotlyTraces.Suffix(index)} domain",
            xanchor = "left",
            y = 1,
            yref = "paper",
            yanchor = "bottom",
            yshift = 3,
            showarrow = false,
            font = new { size = 13 },
        };
    }
}
