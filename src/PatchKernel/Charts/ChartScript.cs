using System.Text;
using System.Text.Json;
using Plotly.NET;

namespace PatchKernel.Charts;

/// <summary>The script that draws one figure in its place.</summary>
internal static class ChartScript
{
    private const string Config =
        """{"responsive":false,"displaylogo":false,"typesetMath":false,"toImageButtonOptions":{"format":"svg","filename":"patching"}}""";

    /// <summary>The script element of a chart.</summary>
    public static string Of(string place, ChartContent content) => Of(place, GenericChart.toFigureJson(PlotlyFigure.Of(content)), Narrower(content));

    /// <summary>The script element of a figure that is the same on every page.</summary>
    public static string Of(string place, string figure, string narrower = "[]") =>
        $$"""
        <script>(function(){var figure={{InScript(figure)}};function draw(){
        patchkernelDraw("{{place}}",figure,{{InScript(narrower)}},{{Config}});}
        if(window.patchkernelDraw)draw();else(window.patchkernelCharts=window.patchkernelCharts||[]).push(draw);})();</script>
        """;

    private static string Narrower(ChartContent content)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartArray();
            var below = PlotlyRoom.Widths(content)[0];
            foreach (var (width, figure) in PlotlyFigure.Narrower(content))
            {
                json.WriteStartObject();
                json.WriteNumber("below", below);
                below = width;
                json.WritePropertyName("figure");
                json.WriteRawValue(GenericChart.toFigureJson(figure));
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    // A token such as </script> must not end the script; in JSON a < stands in texts alone.
    private static string InScript(string json) => json.Replace("<", "\\u003c").Replace("\u2028", "\\u2028").Replace("\u2029", "\\u2029");
}
