using PatchKernel.Charts;

namespace PatchKernel;

/// <summary>One sweep's scores less another's, cell by cell, on a scale that is symmetric about 0.</summary>
public sealed class DifferenceHeatmap : ResultChart
{
    private DifferenceHeatmap(ChartContent content, float[] values) : base(content) => Values = values;

    /// <summary>The differences, flat and row-major over the results' shape.</summary>
    public IReadOnlyList<float> Values { get; }

    /// <summary>Draws <paramref name="result"/> less <paramref name="other"/>.</summary>
    /// <exception cref="PatchKernelException">The two grids differ in axes, size or roles, or have other axes than layers by positions, roles or heads.</exception>
    public static DifferenceHeatmap Draw(SweepResult result, SweepResult other, ChartOptions? options = null)
    {
        if (!result.Axes.SequenceEqual(other.Axes) || !result.Shape.SequenceEqual(other.Shape))
            throw new PatchKernelException($"A difference needs two grids of one size; these are {Size(result)} and {Size(other)}.");
        if (Roles(result) != Roles(other)) throw new PatchKernelException($"A difference needs the same roles; these are {Roles(result)} and {Roles(other)}.");
        if (result.Axes.Count != 2)
            throw new PatchKernelException($"A difference shows layers by positions, roles or heads; the axes here are {string.Join(" × ", result.Axes)}.");
        float[] values = [.. result.NormalisedScore.Zip(other.NormalisedScore, (a, b) => a - b)];
        var grid = new HeatmapGrid(result);
        var colours = new ColourKey("Difference of Scores", ColourScale.Diverging, ColourScale.Diverging.RangeOf(values));
        var panel = HeatmapPanel.Of(grid, colours) with
        {
            Value = (row, layer) => values[layer * grid.Rows + row],
            Hover = new(
                "%{customdata[0]}<br>layer %{x}<br>difference %{z:.4f}<br>score %{customdata[1]:.4f} less %{customdata[2]:.4f}<extra></extra>",
                (row, layer) => [HeatmapPanel.PlaceOf(grid, row, null), grid.Value(layer, row), other.NormalisedScore[layer * grid.Rows + row]]),
        };
        string[] caption = [$"{Line(result)}, less", Line(other), .. HeatmapCaption.Roles(result), HeatmapCaption.DataRange(values, colours.Range)];
        return new(new(options, "Difference of Indirect Effects", caption, panel), values);
    }

    private static string Line(SweepResult result) =>
        $"{HeatmapCaption.Subject(result)} · {HeatmapCaption.Patched(result)} · score {result.Metric.Name}";

    private static string Roles(SweepResult result) => result.Places is { } places ? string.Join(", ", places.Select(place => place.Role)) : "none";

    private static string Size(SweepResult result) => string.Join(" × ", result.Axes.Zip(result.Shape, (axis, size) => $"{size} {axis}"));
}
