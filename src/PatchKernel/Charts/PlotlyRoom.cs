namespace PatchKernel.Charts;

/// <summary>How much room a figure's parts take, in pixels.</summary>
internal static class PlotlyRoom
{
    private const int LeastHeight = 360;
    private const double LetterWidth = 7;
    private const double NominalWidth = 820;

    /// <summary>Room above the data.</summary>
    public static int Top(ChartContent content) => 60 + 16 * content.CaptionLines.Count + Headings(content);

    /// <summary>Room of the panels' headings.</summary>
    public static int Headings(ChartContent content) => content.Panels.Any(panel => panel.Heading is not null) ? 22 : 0;

    /// <summary>Room under the data.</summary>
    public static int Bottom(ChartContent content) =>
        62 + content.Panels.Max(panel => panel is GridPanel { Columns: { IsUpright: true } columns } ? Width(columns) : 0);

    /// <summary>The figure's height, which gives the rows' labels their room.</summary>
    public static int Height(ChartContent content) =>
        Math.Max(LeastHeight, Top(content) + Bottom(content) + content.Panels.Max(DataHeight));

    /// <summary>Height of a panel's data.</summary>
    public static int DataHeight(Panel panel) => panel switch
    {
        GridPanel grid => (int)(grid.Rows.Count * Math.Clamp(760.0 / grid.Rows.Count, 4, 19)),
        BarPanel bars => bars.Rows.Count * 24,
        _ => 320,
    };

    /// <summary>Width of a panel's data, about: pages are wider or narrower.</summary>
    public static double Width(ChartContent content) => NominalWidth / content.Panels.Count;

    /// <summary>Where a panel lies, as parts of the whole width.</summary>
    public static Tuple<double, double> Domain(ChartContent content, int index)
    {
        double[] labels = [.. content.Panels.Select((panel, i) => i == 0 ? 0 : Labels(panel) / (NominalWidth + 100))];
        var each = (1 - labels.Sum()) / content.Panels.Count;
        var start = labels.Take(index + 1).Sum() + each * index;
        return Tuple.Create(Math.Round(start, 4), Math.Round(Math.Min(1, start + each), 4));
    }

    private static double Labels(Panel panel) => !panel.ShowsRows ? 24 : panel is BarPanel bars ? 50 + Width(bars.Rows) : 90;

    private static int Width(CategoryAxis axis) => (int)(axis.Labels.Max(label => label.Length) * LetterWidth);
}
