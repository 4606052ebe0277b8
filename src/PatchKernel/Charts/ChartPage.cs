using System.Net;
using System.Reflection;
using PatchKernel.Charts;
using PatchKernel.Text;
using Plotly.NET;

namespace PatchKernel;

/// <summary>Charts in pages and notebooks: nothing is ever loaded from elsewhere.</summary>
/// <remarks>
/// plotly.js is 3.6 MB, so a notebook holds it once, packed into 1.5 MB: a chart's own script draws where plotly.js is on the page already, and otherwise waits
/// in <c>window.patchkernelCharts</c>, which plotly.js, whenever it comes, draws. Until then, and where scripts are stripped, the chart is
/// its picture.
/// </remarks>
public static class ChartPage
{
    private const string ScriptStart = "<script data-patchkernel=\"plotly\">";
    private const string ScriptEnd = "</script>";

    private const string Config =
        """{"responsive":true,"displaylogo":false,"typesetMath":false,"toImageButtonOptions":{"format":"svg","filename":"patching"}}""";

    private static int emitted;

    /// <summary>plotly.js as Plotly.NET carries it, wrapped: it runs once a page, and finds no AMD or CommonJS loader to register with.</summary>
    private static readonly Lazy<string> Library = new(() =>
        $"(function(){{if(window.Plotly)return;var define,module,exports;\n"
        + $"{Resource(typeof(Trace).Assembly, "Plotly.NET.plotly-2.28.0.min.js")}\n}}).call(window);\n{Resource(typeof(ChartPage).Assembly, "page.js")}");

    private static readonly Lazy<string> Packed = new(() => PackedScript.Element(Library.Value, ScriptStart, unless: "patchkernelTheme"));

    /// <summary>The script element with plotly.js, 3.6 MB; it draws the charts that wait for it, wherever in the page it stands.</summary>
    public static string PlotlyScript => $"{ScriptStart}{Library.Value}{ScriptEnd}";

    /// <summary>The script with plotly.js, packed; charts after it leave it out.</summary>
    internal static string PlotlyScriptAgain()
    {
        Volatile.Write(ref emitted, 1);
        return Packed.Value;
    }

    /// <summary>A chart for a notebook: its picture first, the script that replaces it after.</summary>
    internal static string Part(ResultChart chart)
    {
        var (text, picture) = (WebUtility.HtmlEncode(chart.ToString()), Convert.ToBase64String(chart.ToPng()));
        return Part(
            chart.ToFigureJson(), $"min-width:760px;max-width:1000px;background:{chart.PictureTheme.Paper.Hex}",
            $"<img alt=\"{text}\" style=\"max-width:100%\" src=\"data:image/png;base64,{picture}\">");
    }

    /// <summary>A chart of the reader's own for a notebook: a line in its place, and the script that draws it there.</summary>
    internal static string Part(GenericChart chart) =>
        Part(GenericChart.toJson(chart), "", Html.Line("Run the notebook to see this chart.", Html.Quiet));

    /// <summary>A whole page with one chart, plotly.js inside; the browser itself stops it from asking the network for anything.</summary>
    /// <param name="title">The page's title.</param>
    /// <param name="figure">The chart's figure, as JSON.</param>
    /// <param name="theme">The colours around the chart.</param>
    internal static string Page(string title, string figure, Theme theme) => Resource(typeof(ChartPage).Assembly, "page.html")
        .Replace("<!--title-->", WebUtility.HtmlEncode(title)).Replace("<!--paper-->", theme.Paper.Hex)
        .Replace("<!--scripts-->", $"{PlotlyScript}\n{Script("chart", figure)}");

    private static string Part(string figure, string style, string inside)
    {
        var id = $"patchkernel-{Guid.NewGuid():n}";
        // The first chart of a process brings plotly.js along.
        var plotly = Interlocked.Exchange(ref emitted, 1) == 0 ? Packed.Value : "";
        return $"<div id=\"{id}\" data-patchkernel=\"chart\" style=\"width:100%;{style}\">\n{inside}\n</div>\n{Script(id, figure)}\n{plotly}".TrimEnd();
    }

    // The picture goes only when the chart is about to stand in its place.
    private static string Script(string id, string figure) =>
        $$"""
        <script>(function(){var figure={{InScript(figure)}};function draw(){
        var place=document.getElementById("{{id}}");if(!place)return;place.innerHTML="";place.style.background="";
        place.style.height=(figure.layout.height||450)+"px";patchkernelTheme(figure.layout,place);
        Plotly.newPlot(place,figure.data,figure.layout,Object.assign({{Config}},figure.config));}
        if(window.patchkernelTheme)draw();else(window.patchkernelCharts=window.patchkernelCharts||[]).push(draw);})();</script>
        """;

    // A token such as </script> must not end the script; in JSON a < stands in texts alone.
    private static string InScript(string json) => json.Replace("<", "\\u003c").Replace("\u2028", "\\u2028").Replace("\u2029", "\\u2029");

    private static string Resource(Assembly assembly, string name)
    {
        using var stream = assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{assembly.GetName().Name} carries no {name}.");
        return new StreamReader(stream).ReadToEnd();
    }
}
