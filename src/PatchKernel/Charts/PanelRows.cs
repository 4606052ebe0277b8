namespace PatchKernel.Charts;

/// <summary>Panels in rows, all of one length but the last: what each has to show that one before it doesn't.</summary>
/// <param name="Panels">In reading order.</param>
/// <param name="Columns">How many stand side by side.</param>
internal sealed record PanelRows(IReadOnlyList<Panel> Panels, int Columns)
{
    /// <summary>So many rows, each as long as the others where that comes out even.</summary>
    public static PanelRows InRows(IReadOnlyList<Panel> panels, int rows) => new(panels, (panels.Count + rows - 1) / rows);

    /// <summary>Number of rows.</summary>
    public int Count => (Panels.Count + Columns - 1) / Columns;

    /// <summary>A panel's row.</summary>
    public int Row(int panel) => panel / Columns;

    /// <summary>A panel's place in its row.</summary>
    public int Column(int panel) => panel % Columns;

    /// <summary>The panels of a row.</summary>
    public IEnumerable<int> InRow(int row) => Enumerable.Range(0, Panels.Count).Where(panel => Row(panel) == row);

    /// <summary>The panels that stand one under another.</summary>
    public IEnumerable<int> InColumn(int column) => Enumerable.Range(0, Panels.Count).Where(panel => Column(panel) == column);

    /// <summary>The panel whose row labels a panel's rows have: its own, or those of one to its left.</summary>
    public int LabelledBy(int panel) =>
        Column(panel) > 0 && HaveTheSameRows(Panels[panel - 1], Panels[panel]) ? LabelledBy(panel - 1) : panel;

    private static bool HaveTheSameRows(Panel one, Panel other) => (one, other) switch
    {
        (GridPanel left, GridPanel right) => left.RowTitle == right.RowTitle && left.Rows.Labels.SequenceEqual(right.Rows.Labels),
        (CurvePanel left, CurvePanel right) => ReferenceEquals(left.Values, right.Values),
        _ => false,
    };

    /// <summary>Whether a panel's rows have labels of their own.</summary>
    public bool ShowsRows(int panel) => LabelledBy(panel) == panel;

    /// <summary>Whether a panel says what its rows are: once for all that have the same.</summary>
    public bool ShowsTitle(int panel) => panel == 0 || Panels[panel].RowTitle != Panels[panel - 1].RowTitle;

    /// <summary>A panel's axes as it shows them, for data of this size.</summary>
    public (DrawnAxis X, DrawnAxis Y) Axes(int panel, double width, double height)
    {
        var (x, y) = Panels[panel].Axes(width, height);
        return (x, y with { Title = ShowsTitle(panel) ? y.Title : "", Ticks = ShowsRows(panel) ? y.Ticks : y.HasGrid ? [.. y.Ticks.Select(tick => (tick.At, ""))] : [] });
    }
}
