namespace PatchKernel;

/// <summary>A result as layers × rows: a row is a position or a head; of a result over both, each cell shows the head whose patch does most.</summary>
internal sealed class HeatmapGrid
{
    private readonly SweepResult result;
    private readonly int rowAxis;
    private readonly int headAxis; // of a result over positions and heads; −1 otherwise

    /// <exception cref="PatchKernelException">The result has axes that no heatmap shows.</exception>
    public HeatmapGrid(SweepResult result)
    {
        this.result = result;
        var axes = string.Join(" ", result.Axes);
        (rowAxis, headAxis) = axes switch
        {
            "layer pos" or "layer head" => (1, -1),
            "layer pos head" => (1, 2),
            "layer head query_pos" => (2, 1),
            _ => throw new PatchKernelException($"A heatmap shows layers by positions or heads; the axes here are {string.Join(" × ", result.Axes)}."),
        };
    }

    /// <summary>The result.</summary>
    public SweepResult Result => result;

    /// <summary>Number of layers.</summary>
    public int Layers => result.Shape[0];

    /// <summary>Number of rows.</summary>
    public int Rows => result.Shape[rowAxis];

    /// <summary>Whether a row is a position.</summary>
    public bool RowsArePositions => result.Axes[rowAxis] != "head";

    /// <summary>Whether a cell stands for its strongest head.</summary>
    public bool ShowsStrongestHead => headAxis > 0;

    /// <summary>The score that a cell shows.</summary>
    public float Score(int layer, int row) => result.NormalisedScore[Cell(layer, row).Index];

    /// <summary>Which of the result's cells a cell shows, and its head where it stands for the strongest.</summary>
    public (int Index, int? Head) Cell(int layer, int row)
    {
        if (!ShowsStrongestHead) return (layer * Rows + row, null);
        var untouched = result.Direction == Direction.Denoising ? 0f : 1f;
        var heads = result.Shape[headAxis];
        var strongest = Enumerable.Range(0, heads).MaxBy(head => Math.Abs(result.NormalisedScore[Index(layer, row, head)] - untouched));
        return (Index(layer, row, strongest), strongest);
    }

    private int Index(int layer, int row, int head) => headAxis == 2
        ? (layer * Rows + row) * result.Shape[2] + head
        : (layer * result.Shape[1] + head) * Rows + row;
}
