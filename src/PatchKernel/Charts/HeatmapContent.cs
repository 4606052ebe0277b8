using System.Globalization;

namespace PatchKernel;

/// <summary>What a heatmap says, whichever library draws it.</summary>
internal sealed record HeatmapContent
{
    public const string XTitle = "Layer";
    public const string ColourBarTitle = "Normalized Score";

    public required string Title { get; init; }

    public required IReadOnlyList<string> Caption { get; init; }

    public required IReadOnlyList<string> RowLabels { get; init; }

    public required ColourScale Scale { get; init; }

    public required ColourRange Range { get; init; }

    public required int ClippedCells { get; init; }

    /// <summary>Where the scores, the logits and the prompts come from.</summary>
    public required SweepResult Result { get; init; }

    /// <summary>The scores as layers × rows.</summary>
    public required HeatmapGrid Grid { get; init; }

    public int Layers => Grid.Layers;

    public int Rows => Grid.Rows;

    public string YTitle => Grid.RowsArePositions ? "Token of the clean prompt"
        : Result.Site is Activation.K or Activation.V ? "Key/value head" : "Head";

    /// <summary>Layers that get a tick: every fifth.</summary>
    public IReadOnlyList<int> LayerTicks => [.. Enumerable.Range(0, Layers).Where(layer => layer % 5 == 0)];

    /// <summary>Values that the colour bar of a picture marks.</summary>
    public IReadOnlyList<double> ColourTicks
    {
        get
        {
            var steps = Scale.IsDiverging ? 4 : 5;
            return [.. Enumerable.Range(0, steps + 1).Select(i => Range.Low + (Range.High - Range.Low) * i / steps)];
        }
    }

    public static HeatmapContent Of(SweepResult result, HeatmapOptions options)
    {
        var grid = new HeatmapGrid(result);
        var range = options.Scale.RangeOf(result.NormalisedScore);
        var clipped = result.NormalisedScore.Count(score => range.Clips(score));
        return new()
        {
            Title = options.Title ?? TitleOf(result.Site),
            Caption = HeatmapCaption.Of(result, range, clipped),
            RowLabels = [.. Enumerable.Range(0, grid.Rows).Select(row => grid.RowsArePositions ? Shortened(result.Pair.Clean.Label(row)) : $"{row}")],
            Grid = grid,
            Scale = options.Scale,
            Range = range,
            ClippedCells = clipped,
            Result = result,
        };
    }

    // What a hover shows in full is cut where it would leave no room for the cells.
    private static string Shortened(string label)
    {
        const int longest = 40;
        var elements = new StringInfo(label);
        return elements.LengthInTextElements <= longest ? label : $"{elements.SubstringByTextElements(0, longest - 2)}…\"";
    }

    private static string TitleOf(Activation site) => site switch
    {
        Activation.ResidPre or Activation.ResidMid or Activation.ResidPost => "Indirect Effects of Residual Layers",
        Activation.AttnOut => "Indirect Effects of Attention Layers",
        Activation.MlpOut or Activation.MlpPost => "Indirect Effects of MLP Layers",
        Activation.Pattern => "Indirect Effects of Attention Patterns",
        _ => $"Indirect Effects of Heads' {site.Name()}",
    };
}
