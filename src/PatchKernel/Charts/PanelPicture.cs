using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace PatchKernel.Charts;

/// <summary>How much room a panel's data and what is around them take in a picture, in points.</summary>
internal sealed record PictureRoom(int Left, int DataWidth, int DataHeight, int Right = 16, int Bottom = 52)
{
    /// <summary>The panel's width.</summary>
    public int Width => Left + DataWidth + Right;

    /// <summary>The panel's height.</summary>
    public int Height => DataHeight + Bottom;
}

/// <summary>One panel of a picture; all sizes are in points.</summary>
/// <param name="panel">The panel.</param>
/// <param name="theme">The colours around the data.</param>
/// <param name="panels">How many there are side by side.</param>
internal sealed class PanelPicture(Panel panel, Theme theme, int panels)
{
    /// <summary>Size of labels and captions.</summary>
    public const float LabelSize = 10.5f;

    private const float AxisTitleSize = 12;

    // The uppermost labels stand half above the data.
    private const int Overhang = 8;

    private static readonly MarkerShape[] Shapes =
        [MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledDiamond, MarkerShape.FilledTriangleUp];

    /// <summary>Room for the data, their labels, and what stands right of them: colour bar or curves' names.</summary>
    public PictureRoom Room { get; } = panel switch
    {
        GridPanel grid => RoomOf(grid, panels),
        CurvePanel curves => new(64, 560, 300, 76 + Widest(curves.Curves.Select(curve => curve.Name))),
        BarPanel bars => new(48 + Widest(bars.Rows.Labels), 330, 22 * bars.Rows.Count),
        _ => throw new InvalidOperationException(),
    };

    /// <summary>Draws it with its data's upper edge at a height.</summary>
    public void Draw(SKCanvas canvas, int left, int top)
    {
        using var plot = new Plot();
        (plot.FigureBackground.Color, plot.DataBackground.Color) = (Colour(theme.Paper), Colour(theme.Paper));
        plot.Layout.Fixed(new PixelPadding(Room.Left, Room.Right, Room.Bottom, Overhang));
        plot.HideGrid();
        plot.Axes.FrameColor(Colour(theme.Ink));
        var (x, y) = panel.Axes(Room.DataWidth, Room.DataHeight);
        // Rows go down, and ScottPlot's axes up.
        var (low, high) = y.Range;
        if (low > high) y = y with { Range = new(high, low), Ticks = [.. y.Ticks.Select(tick => (low + high - tick.At, tick.Label))] };
        foreach (var (at, _) in x.HasGrid ? x.Ticks : []) plot.Add.VerticalLine(at, 1, Colour(theme.Lines));
        foreach (var (at, _) in y.HasGrid ? y.Ticks : []) plot.Add.HorizontalLine(at, 1, Colour(at == 0 ? theme.Muted : theme.Lines));
        if (panel is GridPanel grid) Fill(plot, grid);
        else if (panel is CurvePanel curves) Fill(plot, curves);
        else if (panel is BarPanel bars) Fill(plot, bars);
        Style(plot.Axes.Bottom, x.Title, x.Ticks);
        Style(plot.Axes.Left, y.Title, y.Ticks);
        if (x.IsUpright)
        {
            (plot.Axes.Bottom.TickLabelStyle.Rotation, plot.Axes.Bottom.TickLabelStyle.Alignment) = (-90, Alignment.MiddleRight);
            plot.Axes.Bottom.MinimumSize = Room.Bottom;
        }
        plot.Axes.SetLimits(x.Range.Low, x.Range.High, y.Range.Low, y.Range.High);
        // The first rendering of a plot sets its axes up and draws it twice; in an SVG both would stay.
        plot.RenderInMemory(Room.Width, Room.Height + Overhang);
        // It also wipes the canvas, and only its own part may go.
        canvas.Save();
        canvas.ClipRect(SKRect.Create(left, top - Overhang, Room.Width, Room.Height + Overhang));
        plot.Render(canvas, new PixelRect(left, left + Room.Width, top + Room.Height, top - Overhang));
        canvas.Restore();
    }

    private static PictureRoom RoomOf(GridPanel grid, int panels)
    {
        var (columns, rows, width) = (grid.Columns.Count, grid.Rows.Count, panels switch { 1 => 620, 2 => 420, _ => 300 });
        // Cells are whole points, so that their edges are sharp. As many rows as make a page get lower ones, and fewer labels.
        var cellWidth = Math.Max(panels == 1 ? 4 : 3, width / columns);
        var cellHeight = rows > 50 ? Math.Max(4, 750 / rows) : Math.Max(15, 180 / rows);
        return new(
            grid.ShowsRows ? 48 + Widest(grid.Rows.Labels) : 10, cellWidth * columns, cellHeight * rows,
            grid.ShowsColours ? 82 : 6, grid.Columns.IsUpright ? 44 + Widest(grid.Columns.Labels) : 52);
    }

    // The cells and the colour bar.
    private void Fill(Plot plot, GridPanel grid)
    {
        var values = new double[grid.Rows.Count, grid.Columns.Count];
        for (var row = 0; row < grid.Rows.Count; row++)
            for (var column = 0; column < grid.Columns.Count; column++)
                values[row, column] = PlotlyFigure.OrNull(grid.Value(row, column)) ?? double.NaN;
        var (cells, range) = (plot.Add.Heatmap(values), grid.Colours.Range);
        (cells.Colormap, cells.ManualRange, cells.NaNCellColor) = (new Colours(grid.Colours.Scale), new(range.Low, range.High), Colour(ColourScale.NotANumber));
        cells.RenderStrategy = new ScottPlot.Plottables.Heatmap.RenderStrategies.Rectangles();
        if (!grid.ShowsColours) return;
        var bar = plot.Add.ColorBar(cells);
        bar.Width = 14;
        Style(bar.Axis, grid.Colours.Title, grid.Colours.Ticks.Select(tick => (tick, ChartText.Tick(tick))));
    }

    // The curves, the intervals around them, and their names.
    private void Fill(Plot plot, CurvePanel curves)
    {
        double[] x = [.. Enumerable.Range(0, curves.Columns.Count)];
        foreach (var curve in curves.Curves)
        {
            var colour = Colour(Theme.Series[curve.Series]);
            if (curve is { Lower: { } lower, Upper: { } upper })
            {
                var band = plot.Add.FillY(x, [.. lower], [.. upper]);
                (band.FillColor, band.LineWidth, band.MarkerSize) = (colour.WithAlpha(.18), 0, 0);
            }
            var line = plot.Add.Scatter(x, [.. curve.Values], colour);
            (line.LineWidth, line.MarkerSize, line.MarkerShape, line.LegendText) = (2, 7, Shapes[curve.Series], ChartFont.Drawable(curve.Name));
        }
        plot.ShowLegend(Edge.Right).Alignment = Alignment.UpperLeft;
        (plot.Legend.FontName, plot.Legend.FontSize, plot.Legend.FontColor) = (ChartFont.Family, LabelSize, Colour(theme.Ink));
        (plot.Legend.BackgroundColor, plot.Legend.OutlineWidth, plot.Legend.ShadowColor) = (Colour(theme.Paper), 0, Colors.Transparent);
    }

    // The bars, and the notes at their ends.
    private void Fill(Plot plot, BarPanel bars)
    {
        var drawn = plot.Add.Bars(bars.Lengths.Select((length, row) => new Bar
        {
            Position = bars.Rows.Count - 1 - row,
            Value = length,
            Label = ChartFont.Drawable(bars.Notes[row]),
            Size = 0.7,
            FillColor = Colour(Theme.Series[bars.Series]),
            LineWidth = 0,
        }).ToArray());
        drawn.Horizontal = true;
        var notes = drawn.ValueLabelStyle;
        (notes.FontName, notes.FontSize, notes.ForeColor) = (ChartFont.Family, LabelSize, Colour(theme.Ink));
    }

    // Gives an axis its title and marks.
    private void Style(IAxis axis, string title, IEnumerable<(double At, string Label)> ticks)
    {
        axis.Label.Text = title;
        foreach (var (style, size) in new[] { (axis.Label, AxisTitleSize), (axis.TickLabelStyle, LabelSize) })
            (style.FontName, style.FontSize, style.Bold, style.ForeColor) = (ChartFont.Family, size, false, Colour(theme.Ink));
        // ScottPlot centres a label's whole line, which puts its letters too high.
        if (!axis.Edge.IsHorizontal()) axis.TickLabelStyle.OffsetY = 2;
        (axis.MajorTickStyle.Length, axis.MajorTickStyle.Color) = (3, Colour(theme.Ink));
        axis.TickGenerator = new NumericManual([.. ticks.Select(tick => tick.At)], [.. ticks.Select(tick => ChartFont.Drawable(tick.Label))]);
    }

    // Width of the longest of some labels.
    private static int Widest(IEnumerable<string> labels) => (int)labels.Max(label => ChartFont.Measure(ChartFont.Drawable(label), LabelSize));

    private static Color Colour(Rgb colour) => new(colour.R, colour.G, colour.B);

    private sealed class Colours(ColourScale scale) : IColormap
    {
        public string Name => scale.Name;

        public Color GetColor(double position) => Colour(scale.At(position));
    }
}
