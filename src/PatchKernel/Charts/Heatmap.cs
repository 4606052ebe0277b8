using PatchKernel.Charts;

namespace PatchKernel;

/// <summary>The tutorial's chart of a sweep: tokens, roles or heads as rows, layers as columns, the normalised score, or a metric's own numbers, as colour.</summary>
/// <remarks>After Meng et al. 2022, "Locating and Editing Factual Associations in GPT" (arXiv:2202.05262), figure 2.</remarks>
public sealed class Heatmap : ResultChart
{
    private readonly HeatmapGrid grid;
    private readonly ColourKey colours;

    private Heatmap(HeatmapGrid grid, ColourKey colours, GridPanel panel, HeatmapOptions options)
        : base(new(options, HeatmapPanel.TitleOf(grid.Result), HeatmapCaption.Of(grid, colours), panel)) =>
        (this.grid, this.colours, RowLabels) = (grid, colours, panel.Rows.Labels);

    /// <summary>Draws a result over layers and positions or roles, heads, or one of the former and heads.</summary>
    /// <exception cref="PatchKernelException">The result has other axes, or no such metric.</exception>
    public static Heatmap Draw(SweepResult result, HeatmapOptions? options = null)
    {
        options ??= new();
        var grid = new HeatmapGrid(result, options.Metric, options.Raw);
        var colours = HeatmapGrid.ColoursOf([grid], options.Scale);
        return new(grid, colours, HeatmapPanel.Of(grid, colours), options);
    }

    /// <summary>Number of layers.</summary>
    public int Layers => grid.Layers;

    /// <summary>What a row is: <c>pos</c>, <c>role</c>, <c>head</c>, or an axis of your own grid.</summary>
    public string RowAxis => grid.RowAxis;

    /// <summary>Whether a row is a position.</summary>
    public bool RowsArePositions => grid.RowsArePositions;

    /// <summary>The number that a cell shows: a score, or the metric's own where those are drawn.</summary>
    public float Score(int layer, int row) => grid.Value(layer, row);

    /// <summary>One label a row, the first on top: the clean prompt's token in quotes, its id, the role, or the head.</summary>
    public IReadOnlyList<string> RowLabels { get; }

    /// <summary>The colours.</summary>
    public ColourScale Scale => colours.Scale;

    /// <summary>The numbers at the colours' two ends.</summary>
    public ColourRange Range => colours.Range;

    /// <summary>Number of cells whose number lies outside <see cref="Range"/> by more than rounding; they get the end's colour.</summary>
    public int ClippedCells
    {
        get
        {
            var rounding = grid.Rounding;
            return grid.Values.Count(value => Range.IsBeyond(value, rounding));
        }
    }
}
