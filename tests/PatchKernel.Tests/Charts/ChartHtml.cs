using System.Text.RegularExpressions;

namespace PatchKernel.Tests;

/// <summary>What is in the HTML of charts.</summary>
internal static partial class ChartHtml
{
    /// <summary>The HTML without plotly.js, however often it is in there.</summary>
    public static string WithoutPlotly(string html) => Library().Replace(html, "");

    /// <summary>The figures of the charts in a notebook's or a page's HTML, as JSON.</summary>
    public static IReadOnlyList<string> FiguresIn(string html) => [.. Figure().Matches(html).Select(figure => figure.Groups[1].Value)];

    [GeneratedRegex("<script data-patchkernel=\"plotly\">.*?</script>", RegexOptions.Singleline)]
    private static partial Regex Library();

    [GeneratedRegex(@"<script>\(function\(\)\{var figure=(\{.*?\});function draw\(\)\{", RegexOptions.Singleline)]
    private static partial Regex Figure();
}
