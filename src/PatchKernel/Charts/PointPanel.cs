namespace PatchKernel.Charts;

/// <summary>Points, one a thing that was measured in two ways; where both agree it lies on the diagonal.</summary>
/// <param name="Across">The measure from left to right.</param>
/// <param name="Upwards">The measure upwards, over the same range.</param>
/// <param name="Clouds">The points, the first cloud on top.</param>
/// <param name="Diagonal">The diagonal's name in the legend.</param>
internal sealed record PointPanel(string Across, DrawnAxis Upwards, IReadOnlyList<PointCloud> Clouds, string Diagonal) : Panel
{
    public override string RowTitle => Upwards.Title;

    public override IReadOnlyList<string> RowLabels => [.. Upwards.Ticks.Select(tick => tick.Label)];

    /// <summary>What the legend has.</summary>
    public IEnumerable<string> Names => [.. Clouds.Select(cloud => cloud.Name), Diagonal];

    /// <summary>The diagonal's two ends, the same from left to right and upwards.</summary>
    public (double Low, double High) Ends => (Upwards.Range.Low, Upwards.Range.High);

    public override (DrawnAxis X, DrawnAxis Y) Axes(double width, double height) => (DrawnAxis.OfNumbers(Across, Upwards.Range, room: width), Upwards);
}

/// <summary>Points of one kind.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Series">Which of the theme's colours and shapes they have.</param>
/// <param name="Points">The points.</param>
internal sealed record PointCloud(string Name, int Series, IReadOnlyList<AgreementPoint> Points);
