using PatchKernel.Sweeps;

namespace PatchKernel.Charts;

/// <summary>
/// A result as layers × rows, and which of its numbers a chart draws: a metric's scores, or the metric's own. A row is a position, a role or a head; of
/// a result over heads and one of these, each cell shows the head whose patch does most.
/// </summary>
internal sealed class HeatmapGrid
{
    private readonly int rowAxis;
    private readonly int headAxis; // of a result over positions or roles, and heads; −1 otherwise

    /// <param name="result">The result.</param>
    /// <param name="metric">The metric; null for the result's first.</param>
    /// <param name="raw">Whether its own numbers are drawn; those of a metric without score always are.</param>
    /// <exception cref="PatchKernelException">The metric wasn't measured, or the result has axes that no heatmap shows.</exception>
    public HeatmapGrid(SweepResult result, Metric? metric = null, bool raw = false)
    {
        Result = metric is null ? result : result.By(metric);
        IsScore = !raw && Result.HasScore(Result.Metric);
        Values = IsScore ? Result.NormalisedScore : Result.Raw(Result.Metric);
        (rowAxis, headAxis) = string.Join(" ", result.Axes) switch
        {
            "layer pos head" or "layer role head" => (1, 2),
            "layer head query_pos" => (2, 1),
            _ when result.Axes.Count == 2 => (1, -1),
            _ => throw new PatchKernelException($"A heatmap shows two axes, or layers by positions and heads; the axes here are {string.Join(" × ", result.Axes)}."),
        };
    }

    /// <summary>The result, with the drawn metric first.</summary>
    public SweepResult Result { get; }

    /// <summary>Whether scores are drawn.</summary>
    public bool IsScore { get; }

    /// <summary>The numbers, flat and row-major over the result's shape.</summary>
    public float[] Values { get; }

    /// <summary>What the rows are numbered by.</summary>
    public string RowAxis => Result.Axes[rowAxis];

    /// <summary>Number of layers.</summary>
    public int Layers => Result.Shape[0];

    /// <summary>Number of rows.</summary>
    public int Rows => Result.Shape[rowAxis];

    /// <summary>Whether a row is a position.</summary>
    public bool RowsArePositions => RowAxis is "pos" or "query_pos";

    /// <summary>Where the rows are, if they are roles.</summary>
    public IReadOnlyList<RolePlace>? Places => RowAxis == "role" ? Result.Places : null;

    /// <summary>Whether its cells are heads.</summary>
    public bool ShowsHeads => Result.Axes.Contains("head");

    /// <summary>
    /// How far rounding moves a number that is drawn: half a hundredth, or what a check in float32 has found, as a score, where that is more, as it is in bfloat16.
    /// </summary>
    public double Rounding => IsScore && Result is { Verified.LargestDeviation: var off, Metric.IsLogarithmic: true }
        && (Of(Result.CleanRun) - Of(Result.CorruptRun)) is { } gap ? Math.Max(ColourRange.Rounding, off / Math.Abs(gap)) : ColourRange.Rounding;

    /// <summary>Scores under 0 by more than rounding.</summary>
    public int Negatives
    {
        get
        {
            var rounding = Rounding;
            return IsScore ? Values.Count(value => value < -rounding) : 0;
        }
    }

    /// <summary>What the colours are called.</summary>
    public string Title => IsScore ? HeatmapPanel.ColourTitle : Named;

    /// <summary>What the numbers are, and those of both runs.</summary>
    public string Caption
    {
        get
        {
            var (metric, clean, corrupt) = (Result.Metric, Target.Listed(Result.Pair.CleanTargets), Target.Listed(Result.Pair.CorruptTargets));
            var measured = metric == Metric.TargetLogit ? $"logit of {clean}"
                : metric == Metric.LogitDiff ? $"logit of {clean} less logit of {corrupt}"
                : metric.Description;
            if (IsScore) return $"Score {metric.Name}: {measured}, {HeatmapCaption.Ends(Result)}";
            var ends = (Of(Result.CorruptRun), Of(Result.CleanRun)) is ({ } low, { } high)
                ? $"; {SweepSummary.Fixed(low)} in the {Result.CorruptName} run, {SweepSummary.Fixed(high)} in the clean run" : "";
            return $"{Named}: {measured}{ends}";
        }
    }

    /// <summary>The colours of several drawings together: scores from 0 to 1, other numbers from their lowest to their highest.</summary>
    /// <param name="grids">The drawings.</param>
    /// <param name="asked">The scale that was asked for; by default a signed one for heads with negative scores.</param>
    public static ColourKey ColoursOf(IReadOnlyList<HeatmapGrid> grids, ColourScale? asked)
    {
        var scale = asked ?? (grids.Any(grid => grid is { ShowsHeads: true, Negatives: > 0 }) ? ColourScale.Diverging : ColourScale.Purples);
        float[] all = [.. grids.SelectMany(grid => grid.Values)];
        if (grids[0].IsScore || scale.IsDiverging) return new(grids[0].Title, scale, scale.RangeOf(all));
        var (min, max) = SweepSummary.Extremes(all);
        if (float.IsNaN(min)) (min, max) = (0, 1);
        return new(grids[0].Title, grids[0].Result.Metric.CleanIs == CleanIs.Lower ? scale.Reversed : scale, new(min, max > min ? max : min + 1));
    }

    /// <summary>The number that a cell shows.</summary>
    public float Value(int layer, int row) => Values[Cell(layer, row).Index];

    /// <summary>Which of the result's cells a cell shows, and its head where it stands for the strongest.</summary>
    public (int Index, int? Head) Cell(int layer, int row)
    {
        if (headAxis < 0) return (layer * Rows + row, null);
        var strongest = Enumerable.Range(0, Result.Shape[headAxis]).MaxBy(head => Math.Abs(Values[Index(head)] - Untouched));
        return (Index(strongest), strongest);

        int Index(int head) => headAxis == 2
            ? (layer * Rows + row) * Result.Shape[2] + head
            : (layer * Result.Shape[1] + head) * Rows + row;
    }

    // The number of a cell whose patch does nothing.
    private float Untouched => !IsScore ? Of(Result.Direction == Direction.Denoising ? Result.CorruptRun : Result.CleanRun) ?? 0
        : Result.Direction == Direction.Denoising ? 0 : 1;

    private string Named => Result.Metric.Unit.Length == 0 ? Result.Metric.Name : $"{Result.Metric.Name} ({Result.Metric.Unit})";

    private float? Of(RunSummary run) => run.Values.TryGetValue(Result.Metric.Name, out var value) ? value : null;
}
