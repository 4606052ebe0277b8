using PatchKernel.Tables;

namespace PatchKernel.Units;

/// <summary>A sweep's result as rows of a table.</summary>
/// <param name="model">The model's name.</param>
/// <param name="result">The result.</param>
internal sealed class ResultCells(string model, SweepResult result)
{
    private readonly int pos = Axis(result, "pos", "query_pos"), role = Axis(result, "role"), head = Axis(result, "head");

    /// <summary>Every cell by every metric, cells in the grid's order.</summary>
    public IEnumerable<ResultRow> Rows()
    {
        var (direction, site) = (result.Direction.ToString().ToLowerInvariant(), result.Site!.Value.Name());
        var metrics = result.Metrics.Select(metric => (metric.Name, Values: result.Raw(metric), Scores: result.HasScore(metric) ? result.Scores(metric) : null)).ToArray();
        var source = result.Source == PatchSource.ResampledName ? ControlNames.ShuffledSource : result.Source;
        var cells = result.Shape.Aggregate(1, (product, size) => product * size);
        for (var cell = 0; cell < cells; cell++)
        {
            var (layer, at, place, ofHead) = At(cell);
            foreach (var (name, values, scores) in metrics)
                yield return new ResultRow(
                    model, result.Pair.Name!, site, direction, source, layer, at, at is { } known ? Token(known) : null, place, ofHead, name, values[cell], Finite(scores?[cell]))
                { Window = result.Window };
        }
    }

    private (int Layer, int? Pos, string? Role, int? Head) At(int cell)
    {
        var index = SweepGrid.IndexOf(cell, result.Shape);
        var place = role >= 0 ? result.Places![index[role]] : null;
        return (index[0], place is { IsMean: false, Clean: [var only] } ? only : Along(pos), place?.Role, Along(head));

        int? Along(int axis) => axis >= 0 ? index[axis] : null;
    }

    private static int Axis(SweepResult result, params ReadOnlySpan<string> names)
    {
        for (var axis = 0; axis < result.Axes.Count; axis++)
            if (names.Contains(result.Axes[axis])) return axis;
        return -1;
    }

    private string Token(int pos) => result.Pair.Clean.Tokens?[pos] ?? FormattableString.Invariant($"{result.Pair.Clean.Ids[pos]}");

    private static float? Finite(float? score) => score is { } number && float.IsFinite(number) ? number : null;
}
