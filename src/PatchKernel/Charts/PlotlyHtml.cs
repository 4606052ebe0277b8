using System.Net;

namespace PatchKernel;

/// <summary>Pages and parts of pages around a Plotly figure, plotly.js included: nothing is ever loaded from elsewhere.</summary>
internal static class PlotlyHtml
{
    private const string Config =
        """{"responsive":true,"displaylogo":false,"typesetMath":false,"toImageButtonOptions":{"format":"svg","filename":"patching"}}""";

    // A page that asks the network for anything is stopped by the browser itself.
    private const string Policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:";

    /// <summary>plotly.js as Plotly.NET carries it, wrapped: it runs once a page, and finds no AMD or CommonJS loader to register with.</summary>
    private static readonly Lazy<string> Library = new(() =>
    {
        using var stream = typeof(Plotly.NET.Trace).Assembly.GetManifestResourceStream("Plotly.NET.plotly-2.28.0.min.js")
            ?? throw new InvalidOperationException("Plotly.NET carries another plotly.js than 2.28.0.");
        using var reader = new StreamReader(stream);
        return $"(function(){{if(window.Plotly)return;var define,module,exports;\n{reader.ReadToEnd()}\n}}).call(window);";
    });

    /// <summary>A whole page with one chart.</summary>
    public static string Page(string title, string figureJson, int height) =>
        $$"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="{{Policy}}">
        <title>{{WebUtility.HtmlEncode(title)}}</title>
        <link rel="icon" href="data:,">
        <style>body{margin:0 auto;max-width:1000px;padding:8px;background:#fff}</style>
        </head>
        <body>
        {{Chart("heatmap", figureJson, height)}}
        </body>
        </html>

        """;

    /// <summary>A part of a page, with an id of its own.</summary>
    public static string Fragment(string figureJson, int height) => Chart($"patchkernel-{Guid.NewGuid():n}", figureJson, height);

    private static string Chart(string id, string figureJson, int height) =>
        $$"""
        <div id="{{id}}" style="width:100%;min-width:760px;max-width:1000px;height:{{height}}px"></div>
        <script>{{Library.Value}}</script>
        <script>(function(){var figure={{InScript(figureJson)}};Plotly.newPlot("{{id}}",figure.data,figure.layout,{{Config}});})();</script>
        """;

    // A token such as </script> must not end the script; in JSON a < stands in texts alone.
    private static string InScript(string json) => json.Replace("<", "\\u003c").Replace("\u2028", "\\u2028").Replace("\u2029", "\\u2029");
}
