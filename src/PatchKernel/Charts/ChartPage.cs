using System.Net;

namespace PatchKernel;

/// <summary>Charts in pages and notebooks: nothing is ever loaded from elsewhere.</summary>
/// <remarks>
/// plotly.js is 3.6 MB, so a notebook holds it once: a chart's own script draws where plotly.js is on the page already, and otherwise waits
/// in <c>window.patchkernelCharts</c>, which plotly.js, whenever it comes, draws. Until then, and where scripts are stripped, the chart is
/// its picture.
/// </remarks>
public static class ChartPage
{
    private const string ScriptStart = "<script data-patchkernel=\"plotly\">";
    private const string ScriptEnd = "</script>";
    private const string FigureStart = "<script>(function(){var figure=";
    private const string FigureEnd = ";function draw(){";

    private const string Config =
        """{"responsive":true,"displaylogo":false,"typesetMath":false,"toImageButtonOptions":{"format":"svg","filename":"patching"}}""";

    // A page that asks the network for anything is stopped by the browser itself.
    private const string Policy =
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:";

    private static int emitted;

    /// <summary>plotly.js as Plotly.NET carries it, wrapped: it runs once a page, and finds no AMD or CommonJS loader to register with.</summary>
    private static readonly Lazy<string> Library = new(() =>
    {
        using var stream = typeof(Plotly.NET.Trace).Assembly.GetManifestResourceStream("Plotly.NET.plotly-2.28.0.min.js")
            ?? throw new InvalidOperationException("Plotly.NET carries another plotly.js than 2.28.0.");
        using var reader = new StreamReader(stream);
        return $"{ScriptStart}(function(){{if(window.Plotly)return;var define,module,exports;\n{reader.ReadToEnd()}\n}}).call(window);"
            + $"(window.patchkernelCharts||[]).splice(0).forEach(function(draw){{draw();}});{ScriptEnd}";
    });

    /// <summary>The script element with plotly.js, 3.6 MB; it draws the charts that wait for it, wherever in the page it stands.</summary>
    public static string PlotlyScript => Library.Value;

    /// <summary>The HTML without plotly.js, however often it is in there: for files that are stored, or that have it once already.</summary>
    public static string WithoutPlotly(string html)
    {
        ArgumentNullException.ThrowIfNull(html);
        for (var start = Find(html, ScriptStart, 0); start >= 0; start = Find(html, ScriptStart, start))
        {
            var end = Find(html, ScriptEnd, start);
            if (end < 0) break;
            html = html.Remove(start, end + ScriptEnd.Length - start);
        }
        return html;
    }

    /// <summary>The figures of the charts in a notebook's or a page's HTML, as JSON: what they show can be compared.</summary>
    public static IReadOnlyList<string> FiguresIn(string html)
    {
        ArgumentNullException.ThrowIfNull(html);
        var figures = new List<string>();
        for (var start = Find(html, FigureStart, 0); start >= 0; start = Find(html, FigureStart, start))
        {
            start += FigureStart.Length;
            var end = Find(html, FigureEnd, start);
            if (end < 0) break;
            figures.Add(html[start..end]);
        }
        return figures;
    }

    /// <summary>The script with plotly.js the first time in this process, and nothing after: what a notebook's first chart brings along.</summary>
    internal static string PlotlyScriptOnce() => Interlocked.Exchange(ref emitted, 1) == 0 ? PlotlyScript : "";

    /// <summary>The script with plotly.js; charts after it leave it out.</summary>
    internal static string PlotlyScriptAgain()
    {
        Volatile.Write(ref emitted, 1);
        return PlotlyScript;
    }

    /// <summary>A chart for a notebook: its picture first, the script that replaces it after.</summary>
    internal static string Part(Chart chart, int height, Theme theme)
    {
        var (id, picture) = ($"patchkernel-{Guid.NewGuid():n}", Convert.ToBase64String(chart.ToPng()));
        return $"""
            <div id="{id}" data-patchkernel="chart" style="width:100%;min-width:760px;max-width:1000px;background:{theme.Paper.Hex}">
            <img alt="{WebUtility.HtmlEncode(chart.ToString())}" style="max-width:100%" src="data:image/png;base64,{picture}">
            </div>
            {Script(id, chart, height)}
            {PlotlyScriptOnce()}
            """.TrimEnd();
    }

    /// <summary>A whole page with one chart, plotly.js inside.</summary>
    internal static string Page(Chart chart, int height, Theme theme) =>
        $$"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="{{Policy}}">
        <title>{{WebUtility.HtmlEncode(chart.Title)}}</title>
        <link rel="icon" href="data:,">
        <style>body{margin:0 auto;max-width:1000px;padding:8px;background:{{theme.Paper.Hex}}}</style>
        </head>
        <body>
        <div id="chart" style="width:100%;min-width:760px;max-width:1000px;height:{{height}}px"></div>
        {{PlotlyScript}}
        {{Script("chart", chart, height)}}
        </body>
        </html>

        """;

    // The picture goes only when the chart is about to stand in its place.
    private static string Script(string id, Chart chart, int height) =>
        $$"""
        {{FigureStart}}{{InScript(chart.ToFigureJson())}}{{FigureEnd}}
        var place=document.getElementById("{{id}}");if(!place)return;place.innerHTML="";place.style.height="{{height}}px";
        Plotly.newPlot(place,figure.data,figure.layout,{{Config}});}
        if(window.Plotly)draw();else(window.patchkernelCharts=window.patchkernelCharts||[]).push(draw);})();</script>
        """;

    // A token such as </script> must not end the script; in JSON a < stands in texts alone.
    private static string InScript(string json) => json.Replace("<", "\\u003c").Replace("\u2028", "\\u2028").Replace("\u2029", "\\u2029");

    private static int Find(string html, string wanted, int from) => html.IndexOf(wanted, from, StringComparison.Ordinal);
}
