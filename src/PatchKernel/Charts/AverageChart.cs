using PatchKernel.Charts;

namespace PatchKernel;

/// <summary>Scores averaged over several sweeps, with their intervals: curves over the layers, or heads and more than four roles as a heatmap.</summary>
public static class AverageChart
{
    /// <summary>Draws an average.</summary>
    public static ResultChart Draw(SweepAverage average, ChartOptions? options = null) => new(new(
        options, $"Average {HeatmapPanel.TitleOf(average.Results[0])}", CaptionOf(average), IsGrid(average) ? Grid(average) : Curves(average)));

    /// <summary>Averages results, and draws them.</summary>
    /// <exception cref="PatchKernelException">There are fewer than two, or they don't go together.</exception>
    public static ResultChart Draw(params IReadOnlyList<SweepResult> results) => Draw(SweepAverage.Of(results));

    // More curves than colours can't be told apart.
    private static bool IsGrid(SweepAverage average) => average.RowsAreHeads || average.Rows.Count > Theme.Series.Count;

    // Heads push against the answer too.
    private static ColourScale Scale(SweepAverage average) => average.RowsAreHeads ? ColourScale.Diverging : ColourScale.Purples;

    private static CurvePanel Curves(SweepAverage average)
    {
        var curves = average.Rows.Select((row, i) => new Curve(row, i, Row(average.Mean, i), Row(average.Lower, i), Row(average.Upper, i)));
        return new(
            CategoryAxis.Layers(average.Layers),
            DrawnAxis.Around(HeatmapPanel.ColourTitle, [.. average.Lower, .. average.Upper, 1]), [.. curves]);

        float[] Row(float[] values, int row) => values[(row * average.Layers)..((row + 1) * average.Layers)];
    }

    private static GridPanel Grid(SweepAverage average) => new(
        CategoryAxis.Layers(average.Layers), new CategoryAxis(average.RowsAreHeads ? "Head" : "Role", average.Rows),
        (row, layer) => average.Mean[row * average.Layers + layer],
        new ColourKey(HeatmapPanel.ColourTitle, Scale(average), Scale(average).RangeOf(average.Mean)),
        new Hover(
            $"{(average.RowsAreHeads ? "head" : "role")} %{{customdata[0]}}<br>" + "layer %{x}<br>mean score %{z:.4f}<br>interval %{customdata[1]:.4f} to %{customdata[2]:.4f}<extra></extra>",
            (row, layer) => [average.Rows[row], average.Lower[row * average.Layers + layer], average.Upper[row * average.Layers + layer]]));

    private static string[] CaptionOf(SweepAverage average)
    {
        var (first, count) = (average.Results[0], average.Results.Count);
        var names = average.Results.Select(result => result.Pair.Name).OfType<string>().Distinct().ToArray();
        var pairs = names.Length is > 0 and <= 6 ? $": {string.Join(", ", names)}" : "";
        return
        [
            $"{first.Model.Name}, {count} sweeps{pairs} · {HeatmapCaption.Patched(first)}",
            .. HeatmapCaption.Roles(first),
            .. HeatmapCaption.Estimate(first, average.Agreement),
            $"Score {first.Metric.Name}: {HeatmapCaption.Ends(first)}; mean over the sweeps with its 95 % confidence interval"
                + (IsGrid(average) ? " on hover" : ""),
            HeatmapCaption.DataRange(average.Mean, IsGrid(average) ? Scale(average).RangeOf(average.Mean) : ColourRange.All) + " of the means",
        ];
    }
}
