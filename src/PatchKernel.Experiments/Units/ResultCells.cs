namespace PatchKernel.Units;

/// <summary>A sweep's result as rows of a table.</summary>
/// <param name="model">The model's name.</param>
/// <param name="source">What the table calls what was put in.</param>
/// <param name="result">The result.</param>
internal sealed class ResultCells(string model, string source, SweepResult result)
{
    /// <summary>Every cell by every metric, cells in the grid's order.</summary>
    public IEnumerable<ResultRow> Rows()
    {
        var (direction, site) = (result.Direction.ToString().ToLowerInvariant(), result.Site!.Value.Name());
        var metrics = result.Metrics.Select(metric => (metric.Name, Values: result.Raw(metric), Scores: result.HasScore(metric) ? result.Scores(metric) : null)).ToArray();
        var cells = result.Shape.Aggregate(1, (product, size) => product * size);
        for (var cell = 0; cell < cells; cell++)
        {
            var (layer, pos, role, head) = At(cell);
            foreach (var (name, values, scores) in metrics)
                yield return new ResultRow(
                    model, result.Pair.Name!, site, direction, source, layer, pos, pos is { } at ? Token(at) : null, role, head, name, values[cell], Finite(scores?[cell]))
                { Window = result.Window };
        }
    }

    private (int Layer, int? Pos, string? Role, int? Head) At(int cell)
    {
        var index = SweepGrid.IndexOf(cell, result.Shape);
        var place = Along("role") is { } at ? result.Places![at] : null;
        return (index[0], place is { IsMean: false, Clean: [var only] } ? only : Along("pos") ?? Along("query_pos"), place?.Role, Along("head"));

        int? Along(string axis) => result.Axes.ToList().IndexOf(axis) is >= 0 and var found ? index[found] : null;
    }

    private string Token(int pos) => result.Pair.Clean.Tokens?[pos] ?? FormattableString.Invariant($"{result.Pair.Clean.Ids[pos]}");

    private static float? Finite(float? score) => score is { } number && float.IsFinite(number) ? number : null;
}
