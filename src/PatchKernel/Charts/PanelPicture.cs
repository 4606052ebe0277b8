using ScottPlot;
using ScottPlot.Plottables;
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

/// <summary>How a line looks in a picture.</summary>
internal readonly record struct PictureLine(Rgb Colour, float Width, bool IsDashed, double Opacity = 1);

/// <summary>One panel of a picture; all sizes are in points.</summary>
/// <param name="content">The chart.</param>
/// <param name="rows">How its panels stand.</param>
/// <param name="index">Which of them this is.</param>
internal sealed class PanelPicture(ChartContent content, PanelRows rows, int index)
{
    /// <summary>Size of labels and captions.</summary>
    public const float LabelSize = 10.5f;

    private const float AxisTitleSize = 12;

    // The uppermost labels stand half above the data.
    private const int Overhang = 8;
    private const int BarGap = 15, BarWidth = 14;

    /// <summary>The shapes of series' points.</summary>
    public static readonly MarkerShape[] Shapes =
        [MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledDiamond, MarkerShape.FilledTriangleUp, MarkerShape.FilledTriangleDown,
            MarkerShape.Eks, MarkerShape.Cross];

    private readonly Panel panel = content.Panels[index];
    private readonly Theme theme = content.PictureTheme;
    private readonly ChartFont font = content.Font;

    /// <summary>Room for the data, their labels, and what stands right of them: colour bar or curves' names.</summary>
    public PictureRoom Room => panel switch
    {
        GridPanel grid => RoomOf(grid),
        CurvePanel curves => RoomOf(curves),
        PointPanel points => new(64, 420, 420, NamesRoom(points.Names)),
        GraphPanel graph => GraphPicture.RoomOf(graph, NamesRoom(graph.Signs.Select(sign => sign.Name))),
        BarPanel bars => new(48 + font.Widest(bars.Rows.Labels, LabelSize), 330, 22 * bars.Rows.Count),
        _ => throw new InvalidOperationException(),
    };

    // One bar or list of names is enough for all panels, right of the first row.
    private bool ShowsKey => index == Math.Min(rows.Columns, rows.Panels.Count) - 1;

    /// <summary>Draws it with its data's upper edge at a height.</summary>
    public void Draw(SKCanvas canvas, int left, int top)
    {
        var room = Room;
        using var plot = new Plot();
        (plot.FigureBackground.Color, plot.DataBackground.Color) = (Colour(theme.Paper), Colour(theme.Paper));
        plot.Layout.Fixed(new PixelPadding(room.Left, room.Right, room.Bottom, Overhang));
        plot.HideGrid();
        plot.Axes.FrameColor(Colour(theme.Ink));
        var (x, y) = rows.Axes(index, room.DataWidth, room.DataHeight);
        // Rows go down, and ScottPlot's axes up.
        var (low, high) = y.Range;
        if (low > high) y = y with { Range = new(high, low), Ticks = [.. y.Ticks.Select(tick => (low + high - tick.At, tick.Label))] };
        foreach (var (at, _) in x.HasGrid ? x.Ticks : []) plot.Add.VerticalLine(at, 1, Colour(theme.Lines));
        foreach (var (at, _) in y.HasGrid ? y.Ticks : []) plot.Add.HorizontalLine(at, 1, Colour(at == 0 && y.HasZero ? theme.Muted : theme.Lines));
        if (panel is GridPanel grid) Fill(plot, grid, room);
        else if (panel is CurvePanel curves) Fill(plot, curves);
        else if (panel is BarPanel bars) Fill(plot, bars);
        else if (panel is PointPanel points) PointPicture.Fill(plot, points, room);
        else if (panel is GraphPanel graph) new GraphPicture(plot, graph, room, font).Fill();
        if (panel is not (GridPanel or BarPanel)) ShowNames(plot);
        Style(plot.Axes.Bottom, x.Title, x.Ticks);
        Style(plot.Axes.Left, y.Title, y.Ticks);
        if (x.IsUpright)
        {
            (plot.Axes.Bottom.TickLabelStyle.Rotation, plot.Axes.Bottom.TickLabelStyle.Alignment) = (-90, Alignment.MiddleRight);
            plot.Axes.Bottom.MinimumSize = room.Bottom;
        }
        plot.Axes.SetLimits(x.Range.Low, x.Range.High, y.Range.Low, y.Range.High);
        // The first rendering of a plot sets its axes up and draws it twice; in an SVG both would stay.
        plot.RenderInMemory(room.Width, room.Height + Overhang);
        // It also wipes the canvas, and only its own part may go.
        canvas.Save();
        canvas.ClipRect(SKRect.Create(left, top - Overhang, room.Width, room.Height + Overhang));
        plot.Render(canvas, new PixelRect(left, left + room.Width, top + room.Height, top - Overhang));
        if (panel is GridPanel { Colours.Title: var title } && ShowsKey)
        {
            using var letters = font.Sized(AxisTitleSize);
            using var ink = new SKPaint { Color = new(theme.Ink.R, theme.Ink.G, theme.Ink.B), IsAntialias = true };
            canvas.DrawText(font.Drawable(title), left + room.Left + room.DataWidth + BarGap, top + room.DataHeight + 18, SKTextAlign.Left, letters, ink);
        }
        canvas.Restore();
    }

    private PictureRoom RoomOf(CurvePanel curves)
    {
        var (width, height) = rows.Columns switch { 1 => (560, 300), 2 => (400, 240), _ => (270, 200) };
        return new(rows.ShowsRows(index) ? 64 : 12, width, height, NamesRoom(curves.Names));
    }

    // Room for the names of what is drawn.
    private int NamesRoom(IEnumerable<string> names) => ShowsKey ? 76 + font.Widest(names, LabelSize) : 12;

    private PictureRoom RoomOf(GridPanel grid)
    {
        var (columns, count, width) = (grid.Columns.Count, grid.Rows.Count, rows.Columns switch { 1 => 620, 2 => 420, _ => 300 });
        // Cells are whole points, so that their edges are sharp. As many rows as make a page get lower ones, and fewer labels.
        var cellWidth = Math.Max(rows.Columns == 1 ? 4 : 3, width / columns);
        var cellHeight = count > 50 ? Math.Max(4, 750 / count) : Math.Max(15, 180 / count);
        var labels = rows.ShowsRows(index) ? (rows.ShowsTitle(index) ? 48 : 28) + font.Widest(grid.Rows.Labels, LabelSize) : 10;
        var colours = ShowsKey ? BarGap + 8 + Math.Max(BarWidth + 40, font.Widest([grid.Colours.Title], AxisTitleSize)) : 6;
        return new(labels, cellWidth * columns, cellHeight * count, colours, grid.Columns.IsUpright ? 44 + font.Widest(grid.Columns.Labels, LabelSize) : 52);
    }

    // The cells, their edges, and the colour bar.
    private void Fill(Plot plot, GridPanel grid, PictureRoom room)
    {
        var values = new double[grid.Rows.Count, grid.Columns.Count];
        for (var row = 0; row < grid.Rows.Count; row++)
            for (var column = 0; column < grid.Columns.Count; column++)
                values[row, column] = PlotlyFigure.OrNull(grid.Value(row, column)) ?? double.NaN;
        var (cells, range) = (plot.Add.Heatmap(values), grid.Colours.Range);
        (cells.Colormap, cells.ManualRange, cells.NaNCellColor) = (new Colours(grid.Colours.Scale), new(range.Low, range.High), Colour(ColourScale.NotANumber));
        cells.RenderStrategy = new ScottPlot.Plottables.Heatmap.RenderStrategies.Rectangles();
        if (grid.HasEdges(room.DataWidth, room.DataHeight))
        {
            for (var column = 1; column < grid.Columns.Count; column++) plot.Add.VerticalLine(column - 0.5, 0.5f, Colour(ColourScale.NotANumber));
            for (var row = 1; row < grid.Rows.Count; row++) plot.Add.HorizontalLine(row - 0.5, 0.5f, Colour(ColourScale.NotANumber));
        }
        if (!ShowsKey) return;
        var bar = plot.Add.ColorBar(cells);
        bar.Width = BarWidth;
        Style(bar.Axis, "", grid.Colours.Ticks.Select(tick => (tick, ChartText.Tick(tick))));
    }

    // The curves, the intervals around them, and their names.
    private void Fill(Plot plot, CurvePanel curves)
    {
        double[] x = [.. Enumerable.Range(0, curves.Columns.Count).Select(curves.Columns.Place)];
        var ends = curves.Columns.Ends;
        double acrossUnit = Room.DataWidth / (ends.High - ends.Low), upUnit = Room.DataHeight / (curves.Values.Range.High - curves.Values.Range.Low);
        foreach (var level in curves.Levels)
            Line(plot, [ends.Low, ends.High], [level.Value, level.Value], new(Theme.Series[Theme.ControlSeries], 1.5f, level.IsDashed), acrossUnit, upUnit).LegendText = font.Drawable(level.Name);
        foreach (var curve in curves.Curves)
        {
            var colour = Colour(Theme.AllSeries[curve.Series]);
            if (curve is { HasBand: true, Lower: { } lower, Upper: { } upper } && Enumerable.Range(0, x.Length).Where(i => float.IsFinite(lower[i])).ToArray() is { Length: > 0 } known)
            {
                var band = plot.Add.FillY([.. known.Select(i => x[i])], [.. known.Select(i => (double)lower[i])], [.. known.Select(i => (double)upper[i])]);
                (band.FillColor, band.LineWidth, band.MarkerSize) = (colour.WithAlpha(.18), 0, 0);
            }
            var line = plot.Add.Scatter(x, [.. curve.Values], colour);
            (line.LineWidth, line.MarkerSize, line.MarkerShape, line.LegendText) = (2, 7, Shapes[curve.Shape], font.Drawable(curve.Name));
            (line.MarkerLineColor, line.MarkerLineWidth) = (colour, line.MarkerShape is MarkerShape.Eks or MarkerShape.Cross ? 2 : 0);
            if (!curve.IsControl) continue;
            line.LineWidth = 0;
            Line(plot, x, [.. curve.Values], new(Theme.AllSeries[curve.Series], 2, IsDashed: true), acrossUnit, upUnit);
        }
    }

    /// <summary>A line without points.</summary>
    public static Scatter Line(Plot plot, double[] x, double[] y, PictureLine look, double acrossUnit, double upUnit)
    {
        if (look.IsDashed) (x, y) = Dashes.Of(x, y, acrossUnit, upUnit);
        var line = plot.Add.Scatter(x, y, Colour(look.Colour).WithAlpha(look.Opacity));
        (line.LineWidth, line.MarkerSize) = (look.Width, 0);
        return line;
    }

    // What the lines and points are.
    private void ShowNames(Plot plot)
    {
        plot.HideLegend();
        if (!ShowsKey) return;
        plot.ShowLegend(ScottPlot.Edge.Right).Alignment = Alignment.UpperLeft;
        (plot.Legend.FontName, plot.Legend.FontSize, plot.Legend.FontColor) = (font.Family, LabelSize, Colour(theme.Ink));
        (plot.Legend.BackgroundColor, plot.Legend.OutlineWidth, plot.Legend.ShadowColor) = (Colour(theme.Paper), 0, Colors.Transparent);
    }

    // The bars, and the notes at their ends.
    private void Fill(Plot plot, BarPanel bars)
    {
        var notes = bars.NotesIn(Room.DataWidth);
        var drawn = plot.Add.Bars(bars.Lengths.Select((length, row) => new Bar
        {
            Position = bars.Rows.Count - 1 - row,
            Value = length,
            Label = font.Drawable(notes[row]),
            Size = 0.7,
            FillColor = Colour(Theme.Series[bars.Series]),
            LineWidth = 0,
        }).ToArray());
        drawn.Horizontal = true;
        var style = drawn.ValueLabelStyle;
        (style.FontName, style.FontSize, style.ForeColor) = (font.Family, LabelSize, Colour(theme.Ink));
    }

    // Gives an axis its title and marks.
    private void Style(IAxis axis, string title, IEnumerable<(double At, string Label)> ticks)
    {
        axis.Label.Text = title;
        foreach (var (style, size) in new[] { (axis.Label, AxisTitleSize), (axis.TickLabelStyle, LabelSize) })
            (style.FontName, style.FontSize, style.Bold, style.ForeColor) = (font.Family, size, false, Colour(theme.Ink));
        // ScottPlot centres a label's whole line, which puts its letters too high.
        if (!axis.Edge.IsHorizontal()) axis.TickLabelStyle.OffsetY = 2;
        (axis.MajorTickStyle.Length, axis.MajorTickStyle.Color) = (3, Colour(theme.Ink));
        axis.TickGenerator = new NumericManual([.. ticks.Select(tick => tick.At)], [.. ticks.Select(tick => font.Drawable(tick.Label))]);
    }

    /// <summary>A colour, as ScottPlot has it.</summary>
    public static Color Colour(Rgb colour) => new(colour.R, colour.G, colour.B);

    private sealed class Colours(ColourScale scale) : IColormap
    {
        public string Name => scale.Name;

        public Color GetColor(double position) => Colour(scale.At(position));
    }
}
