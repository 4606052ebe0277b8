namespace PatchKernel.Charts;

/// <summary>Where a figure's parts lie on a page of some width, in pixels; a wider page gives the data more room, and takes none from their labels.</summary>
internal sealed class PlotlyRoom
{
    private static readonly int[] Usual = [880, 600, 320], Wide = [1440, 880, 600, 370, 320];

    /// <summary>The width that a figure is made for, and those for less room, from a half-screen window to a phone.</summary>
    public static IReadOnlyList<int> Widths(ChartContent content) => content.PageWidth > 1440 ? Wide : Usual;

    /// <summary>Where title and caption begin.</summary>
    public const int Edge = 8;

    private const int LeastHeight = 360, Gap = 18, LabelSize = 12, AxisTitleSize = 14, LabelGap = 10, AxisTitle = 30, HeadingLine = 18, ColumnLabels = 56;
    private const int LeastGrid = 105, LeastBars = 230, LeastCurves = 170, LeastGridHeight = 150, CurvesHeight = 320, SmallCurvesHeight = 200, PointsHeight = 440;
    private readonly ChartContent content;

    public PlotlyRoom(ChartContent content, int width)
    {
        (this.content, Width) = (content, width);
        Rows = Enumerable.Range(1, Panels.Count).Select(rows => PanelRows.InRows(Panels, rows))
            .First(rows => rows.Columns == 1 || DataWidthIn(rows) >= Panels[0] switch { BarPanel => LeastBars, GridPanel => LeastGrid, _ => LeastCurves });
        DataWidth = DataWidthIn(Rows);
    }

    /// <summary>The least width of the page.</summary>
    public int Width { get; }

    /// <summary>Whether colours and names stand under the data, and not beside them.</summary>
    public bool IsNarrow => Width < 560;

    /// <summary>The panels' order.</summary>
    public PanelRows Rows { get; }

    /// <summary>Width of a panel's data.</summary>
    public double DataWidth { get; }

    /// <summary>Letters of a line of the caption.</summary>
    public int CaptionLetters => Math.Min(ChartText.Longest, (int)(Width / 6.8));

    /// <summary>Lines of the title.</summary>
    public IReadOnlyList<string> Title => [.. ChartText.Lines(content.Title, Math.Min(ChartText.Longest, (int)(Width / 10.8)))];

    /// <summary>Lines of the caption.</summary>
    public IReadOnlyList<string> Caption => [.. content.Caption.SelectMany(line => ChartText.Lines(line, CaptionLetters))];

    /// <summary>Room left of the leftmost data.</summary>
    public int Left => Math.Max(60, LabelsIn(Rows, 0));

    /// <summary>Room right of the data: the colours, or the curves' names.</summary>
    public int Right => IsNarrow ? 16 : Panels[0] switch
    {
        GridPanel grid => 24 + Math.Max(44, content.Font.Widest([grid.Colours.Title], LabelSize)),
        _ when NamesOf(Panels[0]) is { Count: > 0 } names => 52 + content.Font.Widest(names, LabelSize),
        _ => 20,
    };

    /// <summary>Room above the data.</summary>
    public int Top => 36 + 24 * Title.Count + 16 * Caption.Count + Headings;

    /// <summary>Room of a row's headings.</summary>
    public int Headings => Panels.Any(panel => panel.Heading is not null) ? 4 + HeadingLine * Enumerable.Range(0, Panels.Count).Max(panel => Heading(panel).Count) : 0;

    /// <summary>Room under the data.</summary>
    public int Bottom => UnderRow(Rows.Count - 1) + 6 + UnderAll;

    /// <summary>Room at the very bottom of a narrow page, for what stands beside the data of a wide one.</summary>
    public int UnderAll => !IsNarrow ? 0 : Panels[0] switch { GridPanel => 62, _ when NamesOf(Panels[0]) is { Count: > 0 } names => 12 + 20 * names.Count, _ => 0 };

    // What the legend has.
    private static IReadOnlyList<string> NamesOf(Panel panel) => panel switch
    {
        CurvePanel curves => [.. curves.Names],
        PointPanel points => [.. points.Names],
        GraphPanel graph => [.. graph.Signs.Select(sign => sign.Name)],
        _ => [],
    };

    /// <summary>The figure's height.</summary>
    public int Height => Math.Max(LeastHeight, Top + Bottom + (int)Math.Ceiling(DataAndBetween));

    /// <summary>The figure's lower edge, as a part of the data's height below them.</summary>
    public double Floor => Math.Round(-(Bottom - 2.0) / (Height - Top - Bottom), 4);

    /// <summary>A panel's heading, broken into lines.</summary>
    public IReadOnlyList<string> Heading(int panel) => Panels[panel].Heading is not { } heading ? []
        : [.. ChartText.Lines(heading, Math.Max(12, (int)(DataWidth / 7.6))).Select(line => ChartText.Fitted(line, DataWidth + Gap - 4, text => content.Font.Widest([text], 13)))];

    /// <summary>A label of a row, cut where a page has no room for all of it.</summary>
    public string Label(string label) => ChartText.Fitted(label, Width * 0.4, text => content.Font.Widest([text], LabelSize));

    /// <summary>Height of a panel's data.</summary>
    public double DataHeight(int panel) => Rows.Count == 1 ? Height - Top - Bottom : RowHeight(Rows.Row(panel));

    /// <summary>Where a panel lies, as parts of the whole width.</summary>
    public Tuple<double, double> Across(int panel)
    {
        var column = Rows.Column(panel);
        var start = Enumerable.Range(1, column).Sum(before => DataWidth + Between(Rows, before));
        return Parts(start, start + DataWidth, Width - Left - Right);
    }

    /// <summary>Where a panel lies, as parts of the whole height, from below.</summary>
    public Tuple<double, double> Upwards(int panel)
    {
        var row = Rows.Row(panel);
        double all = Height - Top - Bottom;
        var start = Enumerable.Range(0, row).Sum(above => RowHeight(above) + UnderRow(above) + Headings);
        return Parts(all - start - DataHeight(panel), all - start, all);
    }

    private IReadOnlyList<Panel> Panels => content.Panels;

    private double DataAndBetween =>
        Enumerable.Range(0, Rows.Count).Sum(RowHeight) + Enumerable.Range(0, Rows.Count - 1).Sum(row => UnderRow(row) + Headings);

    private static Tuple<double, double> Parts(double from, double to, double all) =>
        Tuple.Create(Math.Round(Math.Max(0, from / all), 4), Math.Round(Math.Min(1, to / all), 4));

    private double DataWidthIn(PanelRows rows) =>
        (Width - Math.Max(60, LabelsIn(rows, 0)) - Right - Enumerable.Range(1, rows.Columns - 1).Sum(column => Between(rows, column))) / rows.Columns;

    // Room left of a column's data.
    private double Between(PanelRows rows, int column) => Gap + LabelsIn(rows, column);

    private int LabelsIn(PanelRows rows, int column) => rows.InColumn(column).Max(panel =>
        (rows.ShowsRows(panel) ? LabelGap + content.Font.Widest(Panels[panel].RowLabels.Select(Label), LabelSize) : 0)
        + (rows.ShowsTitle(panel) ? AxisTitle : 0));

    // What the rows are is written upwards, and must not be longer than they are high.
    private double RowHeight(int row) => Rows.InRow(row).Max(panel => Math.Max(
        Math.Max(Rows.ShowsTitle(panel) ? 12 + content.Font.Widest([Panels[panel].RowTitle], AxisTitleSize) : 0, Rows.Count > 1 || !Rows.ShowsTitle(panel) ? LeastGridHeight : 0),
        Panels[panel] switch
        {
            GridPanel grid => grid.Rows.Count * Math.Clamp(760.0 / grid.Rows.Count, 4, Rows.Count < 3 ? 19 : 14),
            BarPanel bars => bars.Rows.Count * 24,
            GraphPanel graph => graph.Height,
            PointPanel => PointsHeight,
            _ => Rows.Count == 1 ? CurvesHeight : SmallCurvesHeight,
        }));

    private int UnderRow(int row) => ColumnLabels + Rows.InRow(row).Max(panel =>
        Panels[panel] is GridPanel { Columns: { IsUpright: true } columns } ? content.Font.Widest(columns.Labels.Select(Label), LabelSize) - 8 : 0);
}
