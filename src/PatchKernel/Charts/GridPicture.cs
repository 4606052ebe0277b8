using ScottPlot;

namespace PatchKernel;

/// <summary>Numbers as colours, in a picture.</summary>
internal sealed class GridPicture : PanelPicture
{
    private readonly GridPanel panel;

    // Cells are whole points, so that their edges are sharp.
    private readonly int cellWidth, cellHeight;

    public GridPicture(GridPanel panel, Theme theme, int panels) : base(panel, theme)
    {
        this.panel = panel;
        var nominal = panels switch { 1 => 620, 2 => 420, _ => 300 };
        cellWidth = Math.Max(panels == 1 ? 4 : 3, nominal / panel.Columns.Count);
        // As many rows as make a page get lower ones, and fewer labels.
        cellHeight = panel.Rows.Count > 50 ? Math.Max(4, 750 / panel.Rows.Count) : Math.Max(15, 180 / panel.Rows.Count);
        Left = panel.ShowsRows ? 48 + Widest(panel.Rows) : 10;
        (DataWidth, DataHeight) = (cellWidth * panel.Columns.Count, cellHeight * panel.Rows.Count);
        Right = panel.ShowsColours ? 82 : 6;
        if (panel.UprightColumns) Bottom += Widest(panel.Columns) - 8;
    }

    protected override void Fill(Plot plot)
    {
        var cells = plot.Add.Heatmap(Intensities());
        cells.Colormap = new Colours(panel.Colours.Scale);
        cells.ManualRange = new(panel.Colours.Range.Low, panel.Colours.Range.High);
        cells.NaNCellColor = Colour(ColourScale.NotANumber);
        cells.RenderStrategy = new ScottPlot.Plottables.Heatmap.RenderStrategies.Rectangles();
        if (panel.ShowsColours)
        {
            var bar = plot.Add.ColorBar(cells);
            bar.Width = 14;
            Style(bar.Axis, panel.Colours.Title, panel.Colours.Ticks.Select(tick => (tick, ChartText.Tick(tick))));
        }
        Style(plot.Axes.Bottom, panel.Columns.Title, Labels(panel.Columns, panel.Columns.Ticks(cellWidth, panel.UprightColumns ? LabelHeight : 18)));
        if (panel.UprightColumns)
        {
            (plot.Axes.Bottom.TickLabelStyle.Rotation, plot.Axes.Bottom.TickLabelStyle.Alignment) = (-90, Alignment.MiddleRight);
            plot.Axes.Bottom.MinimumSize = Bottom;
        }
        if (panel.ShowsRows) Style(plot.Axes.Left, panel.Rows.Title, Upwards(panel.Rows, panel.Rows.Ticks(cellHeight, LabelHeight)));
        else Style(plot.Axes.Left, "", []);
        plot.Axes.SetLimits(-0.5, panel.Columns.Count - 0.5, -0.5, panel.Rows.Count - 0.5);
    }

    private double[,] Intensities()
    {
        var intensities = new double[panel.Rows.Count, panel.Columns.Count];
        for (var row = 0; row < panel.Rows.Count; row++)
            for (var column = 0; column < panel.Columns.Count; column++)
            {
                var value = panel.Value(row, column);
                intensities[row, column] = float.IsFinite(value) ? value : double.NaN;
            }
        return intensities;
    }

    private sealed class Colours(ColourScale scale) : IColormap
    {
        public string Name => scale.Name;

        public Color GetColor(double position) => Colour(scale.At(position));
    }
}
