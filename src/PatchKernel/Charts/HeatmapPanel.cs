using PatchKernel.Sweeps;
using static PatchKernel.Charts.PlotlyFigure;

namespace PatchKernel.Charts;

/// <summary>A sweep's scores as colours.</summary>
internal static class HeatmapPanel
{
    public const string ColourTitle = "Normalized Score";

    /// <summary>The panel of one result.</summary>
    public static GridPanel Of(HeatmapGrid grid, ColourKey colours)
    {
        var result = grid.Result;
        // What else a hover tells: metrics that neither the colour nor both logits show.
        Metric[] further = [.. result.Metrics.Where(metric =>
            result.Values.ContainsKey(metric.Name) && !Metric.Usual.Contains(metric) && (grid.IsScore || metric != result.Metric))];
        string[] template =
        [
            "%{customdata[0]}", $"{Escaped(result.Axes[0])} %{{x}}",
            grid.IsScore ? $"score %{{z:.4f}} ({Escaped(result.Metric.Name)})" : $"{Escaped(result.Metric.Name)} %{{z:.4f}}",
            $"logit of {Escaped($"{result.Pair.CleanTarget}")}: %{{customdata[1]:.4f}}",
            $"logit of {Escaped($"{result.Pair.CorruptTarget}")}: %{{customdata[2]:.4f}}",
            .. further.Select((metric, i) => $"{Escaped(metric.Name)}: %{{customdata[{i + 3}]:.4f}}"),
        ];
        return new(
            result.Axes[0] == "layer" ? CategoryAxis.Layers(grid.Layers) : CategoryAxis.Counted(result.Axes[0], grid.Layers), Rows(grid),
            (row, layer) => grid.Value(layer, row), colours, new Hover(string.Join("<br>", template) + "<extra></extra>", HoverOf));

        object[] HoverOf(int row, int layer)
        {
            var (cell, head) = grid.Cell(layer, row);
            var others = further.Select(metric => (object)result.Raw(metric)[cell]);
            return [PlaceOf(grid, row, head), result.CleanTarget[cell], result.CorruptTarget[cell], .. others];
        }
    }

    /// <summary>The rows of a grid.</summary>
    public static CategoryAxis Rows(HeatmapGrid grid) => grid.RowsArePositions ? CategoryAxis.Tokens(grid.Result.Pair)
        : grid.Places is { } places ? RoleRows.Axis(grid.Result.Pair, places)
        : CategoryAxis.Counted(
        grid.RowAxis != "head" ? grid.RowAxis : grid.Result.Site is Activation.K or Activation.V ? "Key/value head" : "Head", grid.Rows);

    /// <summary>The tutorial's title, with the site that was patched.</summary>
    public static string TitleOf(SweepResult result) => "Indirect Effects of " + result.Site switch
    {
        null => result.SiteName,
        Activation.ResidPre or Activation.ResidMid or Activation.ResidPost => "Residual Layers",
        Activation.AttnOut => "Attention Layers",
        Activation.MlpOut or Activation.MlpPost => "MLP Layers",
        Activation.Pattern => "Attention Patterns",
        { } site => $"Heads ({site.Name()})",
    };

    /// <summary>Token or role, position and, of a head's cell, the head.</summary>
    public static string PlaceOf(HeatmapGrid grid, int row, int? head) => head is null ? PlaceOf(grid, row) : $"{PlaceOf(grid, row)}, head {head}";

    private static string PlaceOf(HeatmapGrid grid, int row)
    {
        var pair = grid.Result.Pair;
        if (grid.Places is { } places) return PlaceText.Placed(pair, places[row]);
        if (!grid.RowsArePositions) return $"{grid.RowAxis} {row}";
        var clean = pair.Clean.Label(row);
        var place = pair.Clean.Ids[row] == pair.Corrupt.Ids[row] ? clean : $"{clean} (corrupt: {pair.Corrupt.Label(row)})";
        return $"{place}, position {row}";
    }
}
