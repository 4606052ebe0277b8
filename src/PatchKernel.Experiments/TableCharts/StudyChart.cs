using PatchKernel.Charts;
using PatchKernel.TableCharts;

namespace PatchKernel;

/// <summary>Charts of a study's summary: averages over pairs by what a token is, and beside them the controls.</summary>
public static class StudyChart
{
    /// <summary>Draws curves where there are few enough to tell apart, and a heatmap elsewhere.</summary>
    /// <exception cref="PatchKernelException">The summary has nothing of what was chosen.</exception>
    public static ResultChart Draw(StudySummary summary, StudyChartOptions? options = null) =>
        new SummarySlice(summary, options ?? new()).Panels(shuffledApart: false).SelectMany(panel => panel.Lines).Where(line => !line.IsControl).Distinct().Count() <= SummaryLine.MostCurves
            ? Curves(summary, options) : Heatmap(summary, options);

    /// <summary>Draws averages as colours: roles, heads or positions as rows, layers as columns.</summary>
    /// <remarks>Controls are the last rows; of heads and positions, shuffled pairs are a panel beside.</remarks>
    /// <exception cref="PatchKernelException">The summary has nothing of what was chosen.</exception>
    public static ResultChart Heatmap(StudySummary summary, StudyChartOptions? options = null)
    {
        var slice = new SummarySlice(summary, options ??= new());
        SummaryPanel[] panels = [.. slice.Panels(slice.ShufflesApart)];
        var scale = options.Scale ?? (panels.SelectMany(panel => panel.Rows).Any(row => row.Head is not null) ? ColourScale.Diverging : ColourScale.Purples);
        var range = slice.IsScore || scale.IsDiverging ? scale.RangeOf(slice.Drawn) : new(Math.Min(0, slice.Drawn.Min()), Math.Max(1, slice.Drawn.Max()));
        return new(new(options, slice.Title, slice.Caption(range, slice.IsScore ? ", its 95 % interval on hover" : ""),
            [.. panels.Select(panel => GridOf(slice, panel, SummarySlice.LinesOf(panels, panel.RowTitle), new(slice.Quantity, scale, range)))]));
    }

    /// <summary>Draws averages over the layers as curves, each with the 95 % interval of its mean; controls are grey and dashed.</summary>
    /// <exception cref="PatchKernelException">The summary has nothing of what was chosen, or more curves than can be told apart.</exception>
    public static ResultChart Curves(StudySummary summary, StudyChartOptions? options = null)
    {
        var slice = new SummarySlice(summary, options ??= new());
        SummaryPanel[] panels = [.. slice.Panels(shuffledApart: false)];
        var lines = panels.Select(panel => panel.RowTitle).Distinct().SelectMany(title => SummarySlice.LinesOf(panels, title)).OrderBy(line => line.IsControl).ToArray();
        var main = lines.Where(line => !line.IsControl).ToList();
        if (main.Count > SummaryLine.MostCurves)
            throw new PatchKernelException($"{main.Count} curves can't be told apart: draw a heatmap{(main.Select(line => line.Role).OfType<string>().Distinct().Count() == main.Count ? $", or choose up to {SummaryLine.MostCurves} roles, such as \"{main[0].Name}\"" : "")}.");
        var values = DrawnAxis.Around(slice.Quantity, [.. slice.Rows.SelectMany(row => new[] { SummarySlice.Number(row.Low), SummarySlice.Number(row.High) }), .. slice.Drawn, 1]);
        return new(new(options, slice.Title, slice.Caption(ColourRange.All, slice.IsScore ? " with its 95 % bootstrap interval" : ""),
            [.. panels.Select(panel => new CurvePanel(slice.Layers, values, [.. lines.Select(line => CurveOf(slice, panel, line, main))]) { Heading = panel.Heading })]));
    }

    private static GridPanel GridOf(SummarySlice slice, SummaryPanel panel, SummaryLine[] lines, ColourKey colours)
    {
        var cells = lines.Select(line => slice.Along(panel, line)).ToArray();
        return new(
            slice.Layers, new CategoryAxis(panel.RowTitle, [.. lines.Select(line => line.Name)]), (row, column) => slice.ValueOf(cells[row][column]), colours,
            new Hover(
                "%{customdata[0]}<br>layer %{customdata[1]}<br>mean %{z:.4f}%{customdata[2]}<extra></extra>",
                (row, column) => [lines[row].Name, slice.Layers.Labels[column], Details(cells[row][column])]))
        {
            Heading = panel.Heading,
        };
    }

    private static string Details(SummaryRow? row) => row switch
    {
        null => "",
        { Low: { } low, High: { } high } => FormattableString.Invariant($", interval {low:0.0000} to {high:0.0000}, {row.Pairs} pairs"),
        _ => $", {row.Pairs} pairs",
    };

    private static Curve CurveOf(SummarySlice slice, SummaryPanel panel, SummaryLine line, List<SummaryLine> main)
    {
        var cells = slice.Along(panel, line);
        float[] means = [.. cells.Select(slice.ValueOf)], low = [.. cells.Select(cell => SummarySlice.Number(cell?.Low))], high = [.. cells.Select(cell => SummarySlice.Number(cell?.High))];
        // A control has its role's shape, the random position one of its own and, of a shuffled pair, the next that is free.
        var shape = main.IndexOf(line with { IsShuffled = false }) is >= 0 and var index ? SummaryLine.Series(index)
            : line.IsShuffled && main.Count < SummaryLine.MostCurves ? SummaryLine.Series(main.Count) : Theme.ControlSeries;
        var series = line.IsControl ? Theme.ControlSeries : shape;
        return (slice.IsScore ? new Curve(line.Name, series, means, low, high) : new(line.Name, series, means)) with { IsControl = line.IsControl, Shape = shape };
    }
}
