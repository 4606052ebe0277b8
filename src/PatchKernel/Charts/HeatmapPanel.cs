namespace PatchKernel.Charts;

/// <summary>A sweep's scores as colours.</summary>
internal static class HeatmapPanel
{
    public const string ColourTitle = "Normalized Score";

    /// <summary>The panel of one result.</summary>
    public static GridPanel Of(HeatmapGrid grid, ColourKey colours) => new(
        CategoryAxis.Counted(grid.ColumnAxis, grid.Layers), Rows(grid), (row, layer) => grid.Value(layer, row), colours,
        new Hover(Template(grid.Drawn), (row, layer) => HoverOf(grid, layer, row)));

    /// <summary>The rows of a grid.</summary>
    public static CategoryAxis Rows(HeatmapGrid grid)
    {
        if (grid.RowsArePositions) return CategoryAxis.Tokens(grid.Result.Pair);
        var title = grid.RowAxis != "head" ? grid.RowAxis : grid.Result.Site is Activation.K or Activation.V ? "Key/value head" : "Head";
        return new(title, [.. Enumerable.Range(0, grid.Rows).Select(head => $"{head}")]);
    }

    /// <summary>The tutorial's title, with the site that was patched.</summary>
    public static string TitleOf(SweepResult result) => $"Indirect Effects of {(result.Site is { } site ? NameOf(site) : result.SiteName)}";

    /// <summary>What a site is called in a title.</summary>
    public static string NameOf(Activation site) => site switch
    {
        Activation.ResidPre or Activation.ResidMid or Activation.ResidPost => "Residual Layers",
        Activation.AttnOut => "Attention Layers",
        Activation.MlpOut or Activation.MlpPost => "MLP Layers",
        Activation.Pattern => "Attention Patterns",
        _ => $"Heads ({site.Name()})",
    };

    /// <summary>Token, position and, of a head's cell, the head.</summary>
    public static string PlaceOf(HeatmapGrid grid, int row, int? head)
    {
        var pair = grid.Result.Pair;
        if (!grid.RowsArePositions) return $"{grid.RowAxis} {row}";
        var clean = pair.Clean.Label(row);
        var place = pair.Clean.Ids[row] == pair.Corrupt.Ids[row] ? clean : $"{clean} (corrupt: {pair.Corrupt.Label(row)})";
        return head is null ? $"{place}, position {row}" : $"{place}, position {row}, head {head}";
    }

    private static string Template(DrawnMetric drawn)
    {
        var result = drawn.Result;
        var further = Further(drawn).Select((metric, i) => $"<br>{PlotlyFigure.Text(metric.Name)}: %{{customdata[{i + 3}]:.4f}}");
        var clean = PlotlyFigure.Text(result.Pair.CleanTarget.ToString());
        var corrupt = PlotlyFigure.Text(result.Pair.CorruptTarget.ToString());
        return $"%{{customdata[0]}}<br>{PlotlyFigure.Text(result.Axes[0])} %{{x}}<br>{PlotlyFigure.Text(drawn.Word)} %{{z:.4f}}{(drawn.IsScore ? $" ({PlotlyFigure.Text(result.Metric.Name)})" : "")}"
            + $"<br>logit of {clean}: %{{customdata[1]:.4f}}<br>logit of {corrupt}: %{{customdata[2]:.4f}}{string.Concat(further)}<extra></extra>";
    }

    private static object?[] HoverOf(HeatmapGrid grid, int layer, int row)
    {
        var (cell, head) = grid.Cell(layer, row);
        var (clean, corrupt) = (grid.Result.CleanTarget[cell], grid.Result.CorruptTarget[cell]);
        return
        [
            PlotlyFigure.Text(PlaceOf(grid, row, head)), PlotlyFigure.OrNull(clean), PlotlyFigure.OrNull(corrupt),
            .. Further(grid.Drawn).Select(metric => (object?)PlotlyFigure.OrNull(grid.Result.Raw(metric)[cell])),
        ];
    }

    /// <summary>What else a hover tells: metrics that neither the colour nor both logits show.</summary>
    private static IEnumerable<Metric> Further(DrawnMetric drawn) => drawn.Result.Metrics.Where(metric =>
        drawn.Result.Values.ContainsKey(metric.Name) && !Metric.Usual.Contains(metric) && (drawn.IsScore || metric != drawn.Result.Metric));
}
