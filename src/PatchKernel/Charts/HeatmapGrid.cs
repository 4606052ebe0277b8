namespace PatchKernel.Charts;

/// <summary>A result as layers × rows: a row is a position or a head; of a result over both, each cell shows the head whose patch does most.</summary>
internal sealed class HeatmapGrid
{
    private readonly SweepResult result;
    private readonly DrawnMetric drawn;
    private readonly int rowAxis;
    private readonly int headAxis; // of a result over positions and heads; −1 otherwise

    /// <exception cref="PatchKernelException">The result has axes that no heatmap shows.</exception>
    public HeatmapGrid(DrawnMetric drawn)
    {
        (this.drawn, result) = (drawn, drawn.Result);
        var axes = string.Join(" ", result.Axes);
        (rowAxis, headAxis) = axes switch
        {
            "layer pos" or "layer head" => (1, -1),
            "layer pos head" => (1, 2),
            "layer head query_pos" => (2, 1),
            _ when result.Axes.Count == 2 => (1, -1),
            _ => throw new PatchKernelException($"A heatmap shows two axes, or layers by positions and heads; the axes here are {string.Join(" × ", result.Axes)}."),
        };
    }

    /// <summary>The result.</summary>
    public SweepResult Result => result;

    /// <summary>Which of its numbers are shown.</summary>
    public DrawnMetric Drawn => drawn;

    /// <summary>What the rows are numbered by.</summary>
    public string RowAxis => result.Axes[rowAxis];

    /// <summary>What the columns are numbered by: layers, but for a grid of one's own.</summary>
    public string ColumnAxis => result.Axes[0];

    /// <summary>Number of layers.</summary>
    public int Layers => result.Shape[0];

    /// <summary>Number of rows.</summary>
    public int Rows => result.Shape[rowAxis];

    /// <summary>Whether a row is a position.</summary>
    public bool RowsArePositions => result.Axes[rowAxis] is "pos" or "query_pos";

    /// <summary>Whether a cell stands for its strongest head.</summary>
    public bool ShowsStrongestHead => headAxis > 0;

    /// <summary>The number that a cell shows.</summary>
    public float Value(int layer, int row) => drawn.Values[Cell(layer, row).Index];

    /// <summary>Which of the result's cells a cell shows, and its head where it stands for the strongest.</summary>
    public (int Index, int? Head) Cell(int layer, int row)
    {
        if (!ShowsStrongestHead) return (layer * Rows + row, null);
        var heads = result.Shape[headAxis];
        var strongest = Enumerable.Range(0, heads).MaxBy(head => Math.Abs(drawn.Values[Index(layer, row, head)] - drawn.Untouched));
        return (Index(layer, row, strongest), strongest);
    }

    private int Index(int layer, int row, int head) => headAxis == 2
        ? (layer * Rows + row) * result.Shape[2] + head
        : (layer * result.Shape[1] + head) * Rows + row;
}
