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

    private static int emitted;

    /// <summary>plotly.js as Plotly.NET carries it, wrapped: it runs once a page, and finds no AMD or CommonJS loader to register with.</summary>
    private static readonly Lazy<string> Library = new(() =>
        $"(function(){{if(window.Plotly)return;var define,module,exports;\n"
        + $"{Resource(typeof(Trace).Assembly, "Plotly.NET.plotly-2.28.0.min.js")}\n}}).call(window);\n{Own("page.js")}{Own("cells.js")}{Own("start.js")}");

    private static readonly Lazy<string> Packed = new(() => PackedScript.Element(Library.Value, ScriptStart, unless: "patchkernelTheme"));

    /// <summary>The script element with plotly.js, 3.6 MB; it draws the charts that wait for it, wherever in the page it stands.</summary>
    public static string PlotlyScript => $"{ScriptStart}{Library.Value}{ScriptEnd}";

    /// <summary>The script with plotly.js, packed; charts after it leave it out.</summary>
    internal static string PlotlyScriptAgain()
    {
        Volatile.Write(ref emitted, 1);
        return Packed.Value;
    }

    /// <summary>A chart for a notebook: its picture first, then its values, and the script that replaces the picture.</summary>
    internal static string Part(ResultChart chart, ChartContent content)
    {
        var (text, picture) = (WebUtility.HtmlEncode(chart.ToString()), Convert.ToBase64String(chart.ToPng()));
        return Part(
            $"max-width:{content.PageWidth}px;background:{content.PictureTheme.Paper.Hex}", $"<img alt=\"{text}\" style=\"max-width:100%\" src=\"data:image/png;base64,{picture}\">",
            ChartTable.Of(content), place => ChartScript.Of(place, content));
    }

    /// <summary>A chart of the reader's own for a notebook: a line in its place, and the script that draws it there.</summary>
    internal static string Part(GenericChart chart) =>
        Part("", Html.Line("Run the notebook to see this chart.", Html.Quiet), "", place => ChartScript.Of(place, GenericChart.toJson(chart)));

    /// <summary>A whole page with one chart, plotly.js inside; the browser itself stops it from asking the network for anything.</summary>
    /// <param name="chart">The chart.</param>
    /// <param name="content">What it says; without a theme the page is light or dark as the system is.</param>
    internal static string Page(ResultChart chart, ChartContent content)
    {
        var (light, dark) = (content.Theme ?? Theme.Light, content.Theme ?? Theme.Dark);
        return Own("page.html")
            .Replace("<!--title-->", WebUtility.HtmlEncode(chart.Title)).Replace("<!--text-->", WebUtility.HtmlEncode(chart.ToString()))
            .Replace("/*width*/", $"max-width:{content.PageWidth}px").Replace("/*light*/", Colours(light)).Replace("/*dark*/", Colours(dark))
            .Replace("<!--values-->", ChartTable.Of(content)).Replace("<!--scripts-->", $"{PlotlyScript}\n{ChartScript.Of("chart", content)}");
    }

    private static string Colours(Theme theme) =>
        $"color-scheme:{(theme.Paper.IsDark ? "dark" : "light")};--paper:{theme.Paper.Hex};--ink:{theme.Ink.Hex};--lines:{theme.Muted.Hex}";

    private static string Part(string style, string inside, string values, Func<string, string> script)
    {
        var id = $"patchkernel-{Guid.NewGuid():n}";
        // The first chart of a process brings plotly.js along.
        var plotly = Interlocked.Exchange(ref emitted, 1) == 0 ? Packed.Value : "";
        return $"<div id=\"{id}\" data-patchkernel=\"chart\" style=\"width:100%;min-width:300px;{style}\">\n{inside}\n</div>\n{values}\n{script(id)}\n{plotly}".TrimEnd();
    }

    private static string Own(string name) => Resource(typeof(ChartPage).Assembly, name);

    private static string Resource(Assembly assembly, string name)
    {
        using var stream = assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{assembly.GetName().Name} carries no {name}.");
        return new StreamReader(stream).ReadToEnd();
    }
}
