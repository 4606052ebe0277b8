using System.Text;
using PatchKernel.Sweeps;
using PatchKernel.Text;

namespace PatchKernel.Charts;

/// <summary>A chart's numbers as tables, folded up: for screen readers, and for whoever wants to copy them.</summary>
internal static class ChartTable
{
    /// <summary>Of more numbers a table would be larger than its chart.</summary>
    public const int Most = 4000;

    /// <summary>The tables; where there would be too many numbers, how to get them.</summary>
    public static string Of(ChartContent content)
    {
        var count = content.Panels.Sum(Count);
        var inside = count <= Most
            ? string.Concat(content.Panels.Select(panel => Table(panel, panel.Heading ?? content.Title)))
            : $"<p>{Html.Text(FormattableString.Invariant($"{count:#,0} values are too many for a table here. A sweep's are in its result file: Save in C#, --json on the command line."))}</p>";
        // What scrolls must be in reach of the keyboard.
        return $"<details data-patchkernel=\"values\" style=\"max-width:1000px\"><summary>Values</summary><div role=\"region\" aria-label=\"Values of {Html.Text(content.Title)}\" "
            + $"tabindex=\"0\" style=\"overflow:auto;max-height:30em\">{inside}</div></details>";
    }

    private static int Count(Panel panel) => panel switch
    {
        GridPanel grid => grid.Columns.Count * grid.Rows.Count,
        CurvePanel curves => curves.Columns.Count * curves.Curves.Sum(curve => curve.Lower is null ? 1 : 3),
        BarPanel bars => bars.Rows.Count,
        PointPanel points => points.Clouds.Sum(cloud => 2 * cloud.Points.Count),
        GraphPanel graph => graph.Edges.Count * (graph.HasExact ? 2 : 1),
        _ => 0,
    };

    private static string Table(Panel panel, string caption) => panel switch
    {
        GridPanel grid => Table(caption, $"{grid.Rows.Title} \\ {grid.Columns.Title}", grid.Columns.Labels, grid.Rows.InFull.Select((label, row) =>
            (label, Enumerable.Range(0, grid.Columns.Count).Select(column => Number(grid.Value(row, column)))))),
        CurvePanel curves => Table(caption, $"{curves.Values.Title} \\ {curves.Columns.Title}", curves.Columns.Labels, curves.Curves.SelectMany(Rows)),
        BarPanel bars => Table(caption, bars.Rows.Title, [bars.Title, "In words"], bars.Rows.Labels.Select((label, row) =>
            (label, (IEnumerable<string>)[Number(bars.Lengths[row]), bars.Notes[row]]))),
        PointPanel points => string.Concat(points.Clouds.Select(cloud => Table($"{caption}: {cloud.Name}", "What", [points.Across, points.Upwards.Title], cloud.Points.Select(point =>
            (point.Name, (IEnumerable<string>)[ChartText.Precise(point.Exact), ChartText.Precise(point.Estimate)]))))),
        GraphPanel graph => Table(caption, "Edge", graph.HasExact ? ["Score", "Exact"] : ["Score"], graph.Edges.Reverse().Select(edge => (edge.Edge.Edge.ToString(), edge.Numbers(graph.HasExact)))),
        _ => "",
    };

    private static IEnumerable<(string, IEnumerable<string>)> Rows(Curve curve)
    {
        yield return (curve.Name, curve.Values.Select(Number));
        if (curve.Lower is { } lower) yield return ($"{curve.Name}, interval from", lower.Select(Number));
        if (curve.Upper is { } upper) yield return ($"{curve.Name}, interval to", upper.Select(Number));
    }

    private static string Table(string caption, string corner, IEnumerable<string> columns, IEnumerable<(string Label, IEnumerable<string> Cells)> rows)
    {
        var html = new StringBuilder($"<table><caption>{Html.Text(caption)}</caption><thead><tr><th scope=\"col\">{Html.Text(corner)}</th>");
        foreach (var column in columns) html.Append("<th scope=\"col\">").Append(Html.Text(column)).Append("</th>");
        html.Append("</tr></thead><tbody>");
        foreach (var (label, cells) in rows)
        {
            html.Append("\n<tr><th scope=\"row\">").Append(Html.Text(label)).Append("</th>");
            foreach (var cell in cells) html.Append("<td>").Append(Html.Text(cell)).Append("</td>");
            html.Append("</tr>");
        }
        return html.Append("\n</tbody></table>").ToString();
    }

    private static string Number(float value) => float.IsFinite(value) ? SweepSummary.Fixed(value) : "not a number";
}
