namespace PatchKernel;

/// <summary>A sweep's scores as colours.</summary>
internal static class HeatmapPanel
{
    public const string ColourTitle = "Normalized Score";

    /// <summary>The colours for some results together.</summary>
    public static ColourKey ColoursOf(IReadOnlyList<SweepResult> results, ColourScale scale) =>
        new(ColourTitle, scale, scale.RangeOf(results.SelectMany(result => result.NormalisedScore)));

    /// <summary>The panel of one result.</summary>
    public static GridPanel Of(HeatmapGrid grid, ColourKey colours) => new(
        CategoryAxis.Layers(grid.Layers), Rows(grid), (row, layer) => grid.Score(layer, row), colours,
        new Hover(Template(grid.Result), (row, layer) => HoverOf(grid, layer, row)));

    /// <summary>The rows of a grid.</summary>
    public static CategoryAxis Rows(HeatmapGrid grid)
    {
        if (grid.RowsArePositions) return CategoryAxis.Tokens(grid.Result.Pair);
        var title = grid.Result.Site is Activation.K or Activation.V ? "Key/value head" : "Head";
        return new(title, [.. Enumerable.Range(0, grid.Rows).Select(head => $"{head}")]);
    }

    /// <summary>The tutorial's title, with the site that was patched.</summary>
    public static string TitleOf(SweepResult result) => $"Indirect Effects of {NameOf(result.Site)}";

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
        if (!grid.RowsArePositions) return $"head {row}";
        var clean = pair.Clean.Label(row);
        var place = pair.Clean.Ids[row] == pair.Corrupt.Ids[row] ? clean : $"{clean} (corrupt: {pair.Corrupt.Label(row)})";
        return head is null ? $"{place}, position {row}" : $"{place}, position {row}, head {head}";
    }

    private static string Template(SweepResult result)
    {
        var clean = PlotlyFigure.Text(result.Pair.CleanTarget.ToString());
        var corrupt = PlotlyFigure.Text(result.Pair.CorruptTarget.ToString());
        return $"%{{customdata[0]}}<br>layer %{{x}}<br>score %{{z:.4f}} ({result.Metric.Name})"
            + $"<br>logit of {clean}: %{{customdata[1]:.4f}}<br>logit of {corrupt}: %{{customdata[2]:.4f}}<extra></extra>";
    }

    private static object?[] HoverOf(HeatmapGrid grid, int layer, int row)
    {
        var (cell, head) = grid.Cell(layer, row);
        var (clean, corrupt) = (grid.Result.CleanTarget[cell], grid.Result.CorruptTarget[cell]);
        return [PlotlyFigure.Text(PlaceOf(grid, row, head)), PlotlyFigure.OrNull(clean), PlotlyFigure.OrNull(corrupt)];
    }
}
