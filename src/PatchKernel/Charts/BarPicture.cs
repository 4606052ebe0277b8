using ScottPlot;

namespace PatchKernel;

/// <summary>Bars from left to right, in a picture.</summary>
internal sealed class BarPicture : PanelPicture
{
    private const int RowHeight = 22;

    private readonly BarPanel panel;
    private readonly Theme theme;

    public BarPicture(BarPanel panel, Theme theme) : base(panel, theme)
    {
        (this.panel, this.theme) = (panel, theme);
        (Left, DataWidth, DataHeight) = (48 + Widest(panel.Rows), 330, RowHeight * panel.Rows.Count);
    }

    protected override void Fill(Plot plot)
    {
        foreach (var tick in panel.Values.Ticks) plot.Add.VerticalLine(tick, 1, Colour(theme.Lines));
        Bar[] rows = [.. panel.Lengths.Select((length, row) => new Bar
        {
            Position = panel.Rows.Count - 1 - row,
            Value = length,
            Label = ChartFont.Drawable(panel.Notes[row]),
            Size = 0.7,
            FillColor = Colour(theme.Series[panel.Series]),
            LineWidth = 0,
        })];
        var bars = plot.Add.Bars(rows);
        bars.Horizontal = true;
        var notes = bars.ValueLabelStyle;
        (notes.FontName, notes.FontSize, notes.ForeColor) = (ChartFont.Family, LabelSize, Colour(theme.Ink));
        Style(plot.Axes.Bottom, panel.Values.Title, Labels(panel.Values));
        Style(plot.Axes.Left, panel.Rows.Title, Upwards(panel.Rows, Enumerable.Range(0, panel.Rows.Count)));
        plot.Axes.SetLimits(panel.Values.Range.Low, panel.Values.Range.High, -0.5, panel.Rows.Count - 0.5);
    }
}
