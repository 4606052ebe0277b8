using ScottPlot;
using static PatchKernel.Charts.PanelPicture;

namespace PatchKernel.Charts;

/// <summary>Bars from left to right, in a picture.</summary>
internal static class BarPicture
{
    /// <summary>Room for the bars and the rows' labels.</summary>
    public static PictureRoom Room(BarPanel panel) => new(48 + Widest(panel.Rows.Labels), 330, 22 * panel.Rows.Count);

    /// <summary>Draws the bars, and the notes at their ends.</summary>
    public static void Fill(Plot plot, BarPanel panel, Theme theme)
    {
        var bars = plot.Add.Bars(panel.Lengths.Select((length, row) => new Bar
        {
            Position = panel.Rows.Count - 1 - row,
            Value = length,
            Label = ChartFont.Drawable(panel.Notes[row]),
            Size = 0.7,
            FillColor = Colour(Theme.Series[panel.Series]),
            LineWidth = 0,
        }).ToArray());
        bars.Horizontal = true;
        var notes = bars.ValueLabelStyle;
        (notes.FontName, notes.FontSize, notes.ForeColor) = (ChartFont.Family, LabelSize, Colour(theme.Ink));
    }
}
