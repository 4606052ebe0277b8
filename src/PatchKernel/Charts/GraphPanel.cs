namespace PatchKernel.Charts;

/// <summary>Boxes, and curves from one to another that go upwards.</summary>
/// <param name="Across">What stands from left to right.</param>
/// <param name="Upwards">What stands one above another.</param>
/// <param name="Boxes">The boxes.</param>
/// <param name="Inputs">Small marks under boxes.</param>
/// <param name="Links">Which mark belongs to which box.</param>
/// <param name="Edges">The curves, the strongest last, so that it lies on top.</param>
/// <param name="LayerHeight">The height of 1 on the vertical axis, in points.</param>
internal sealed record GraphPanel(
    DrawnAxis Across, DrawnAxis Upwards, IReadOnlyList<GraphBox> Boxes, IReadOnlyList<GraphBox> Inputs, IReadOnlyList<(GraphBox From, GraphBox To)> Links,
    IReadOnlyList<GraphEdge> Edges, double LayerHeight) : Panel
{
    /// <summary>What boxes and marks are filled with, written in and framed with: the same on light and dark pages.</summary>
    public static readonly Rgb Fill = Rgb.Parse("#f7f7f7"), Ink = Rgb.Parse("#222222"), Frame = Theme.Series[Theme.ControlSeries];

    /// <summary>Names of the curves' two colours.</summary>
    public IReadOnlyList<(string Name, bool IsNegative)> Signs =>
        [.. Edges.Select(edge => edge.IsNegative).Distinct().Order().Select(negative => (negative ? "negative" : "positive", negative))];

    /// <summary>Whether some edge's exact effect is known.</summary>
    public bool HasExact => Edges.Any(edge => edge.Edge.Exact is not null);

    /// <summary>The height that it asks for.</summary>
    public double Height => Upwards.Range.High * LayerHeight;

    public override string RowTitle => Upwards.Title;

    public override IReadOnlyList<string> RowLabels => [.. Upwards.Ticks.Select(tick => tick.Label)];

    // Boxes say by themselves where they belong; the axes' labels are left out where they have no room.
    public override (DrawnAxis X, DrawnAxis Y) Axes(double width, double height) => (
        Across with { Ticks = Fitting(Across, width, tick => ChartFont.Usual.Widest([tick], 12) + 4) },
        Upwards with { Ticks = Fitting(Upwards, height, _ => 13) });

    /// <summary>How boxes and marks are lettered, in so much room.</summary>
    public GraphLetters Letters(double width, double height) =>
        GraphLetters.For(this, width / (Across.Range.High - Across.Range.Low), height / (Upwards.Range.High - Upwards.Range.Low));

    private static List<(double, string)> Fitting(DrawnAxis axis, double room, Func<string, double> needed)
    {
        var (each, kept) = (room / (axis.Range.High - axis.Range.Low), new List<(double At, string Label)>());
        // From the last, which is the MLP's column.
        foreach (var tick in axis.Ticks.Reverse())
            if (kept.Count == 0 || (kept[^1].At - tick.At) * each >= (needed(tick.Label) + needed(kept[^1].Label)) / 2) kept.Add(tick);
        return kept;
    }
}

/// <summary>A box or a mark of a graph.</summary>
/// <param name="Name">Its name in full.</param>
/// <param name="Labels">What stands in it, the longest first: where there is little room, the last.</param>
/// <param name="X">Where its middle is.</param>
/// <param name="Y">The same upwards.</param>
/// <param name="Note">What a hover says besides its name.</param>
internal sealed record GraphBox(string Name, IReadOnlyList<string> Labels, double X, double Y, string Note = "");

/// <summary>A curve of a graph.</summary>
/// <param name="Edge">What it stands for, with its numbers.</param>
/// <param name="Strength">Its score's size, as a part of the largest.</param>
/// <param name="Path">Points along it.</param>
internal sealed record GraphEdge(ScoredEdge Edge, double Strength, IReadOnlyList<(double X, double Y)> Path)
{
    private const double Thinnest = 1.2, Widest = 8, Faintest = 0.65, Densest = 0.9;

    /// <summary>Whether its score is below 0.</summary>
    public bool IsNegative => Edge.Score < 0;

    /// <summary>Its colour: those of the two halves of a signed scale that show on light and on dark pages.</summary>
    public Rgb Colour => ColourOf(IsNegative);

    /// <summary>Its width, in points.</summary>
    public double Width => Thinnest + (Widest - Thinnest) * Strength;

    /// <summary>How much it covers.</summary>
    public double Opacity => Faintest + (Densest - Faintest) * Math.Sqrt(Strength);

    /// <summary>Its numbers as texts: the score, and the exact effect where some edge of the graph has one.</summary>
    public IEnumerable<string> Numbers(bool withExact) =>
        [ChartText.Precise(Edge.Score), .. withExact ? [Edge.Exact is { } exact ? ChartText.Precise(exact) : "not measured"] : Array.Empty<string>()];

    /// <summary>The colour of a sign.</summary>
    public static Rgb ColourOf(bool isNegative) => Theme.Series[isNegative ? 1 : 0];
}
