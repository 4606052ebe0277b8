using ScottPlot;
using static PatchKernel.Charts.PanelPicture;

namespace PatchKernel.Charts;

/// <summary>Numbers as colours, in a picture.</summary>
internal static class GridPicture
{
    /// <summary>Room for the cells, the rows' labels and the colour bar.</summary>
    public static PictureRoom Room(GridPanel panel, int panels)
    {
        var (columns, rows, width) = (panel.Columns.Count, panel.Rows.Count, panels switch { 1 => 620, 2 => 420, _ => 300 });
        // Cells are whole points, so that their edges are sharp. As many rows as make a page get lower ones, and fewer labels.
        var cellWidth = Math.Max(panels == 1 ? 4 : 3, width / columns);
        var cellHeight = rows > 50 ? Math.Max(4, 750 / rows) : Math.Max(15, 180 / rows);
        return new(
            panel.ShowsRows ? 48 + Widest(panel.Rows.Labels) : 10, cellWidth * columns, cellHeight * rows,
            panel.ShowsColours ? 82 : 6, panel.UprightColumns ? 44 + Widest(panel.Columns.Labels) : 52);
    }

    /// <summary>Draws the cells and the colour bar.</summary>
    public static void Fill(Plot plot, GridPanel panel, Theme theme)
    {
        var values = new double[panel.Rows.Count, panel.Columns.Count];
        for (var row = 0; row < panel.Rows.Count; row++)
            for (var column = 0; column < panel.Columns.Count; column++)
                values[row, column] = PlotlyFigure.OrNull(panel.Value(row, column)) ?? double.NaN;
        var (cells, range) = (plot.Add.Heatmap(values), panel.Colours.Range);
        (cells.Colormap, cells.ManualRange, cells.NaNCellColor) = (new Colours(panel.Colours.Scale), new(range.Low, range.High), Colour(ColourScale.NotANumber));
        cells.RenderStrategy = new ScottPlot.Plottables.Heatmap.RenderStrategies.Rectangles();
        if (!panel.ShowsColours) return;
        var bar = plot.Add.ColorBar(cells);
        bar.Width = 14;
        Style(bar.Axis, panel.Colours.Title, panel.Colours.Ticks.Select(tick => (tick, ChartText.Tick(tick))), theme);
    }

    private sealed class Colours(ColourScale scale) : IColormap
    {
        public string Name => scale.Name;

        public Color GetColor(double position) => Colour(scale.At(position));
    }
}
