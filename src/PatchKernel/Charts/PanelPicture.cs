using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace PatchKernel.Charts;

/// <summary>How much room a panel's data and what is around them take in a picture, in points.</summary>
internal sealed record PictureRoom(int Left, int DataWidth, int DataHeight, int Right = 16, int Bottom = 52);

/// <summary>One panel of a picture; all sizes are in points.</summary>
internal sealed class PanelPicture
{
    /// <summary>Size of labels and captions.</summary>
    public const float LabelSize = 10.5f;

    private const float AxisTitleSize = 12;

    // The uppermost labels stand half above the data.
    private const int Overhang = 8;

    private readonly Panel panel;
    private readonly Theme theme;
    private readonly PictureRoom room;

    /// <param name="panel">The panel.</param>
    /// <param name="theme">The colours around the data.</param>
    /// <param name="panels">How many there are side by side.</param>
    public PanelPicture(Panel panel, Theme theme, int panels) => (this.panel, this.theme, room) = (panel, theme, panel switch
    {
        GridPanel grid => GridPicture.Room(grid, panels),
        CurvePanel curves => CurvePicture.Room(curves),
        BarPanel bars => BarPicture.Room(bars),
        _ => throw new InvalidOperationException(),
    });

    /// <summary>The panel's heading, or null.</summary>
    public string? Heading => panel.Heading;

    /// <summary>Room left of the data.</summary>
    public int Left => room.Left;

    /// <summary>The panel's width.</summary>
    public int Width => room.Left + room.DataWidth + room.Right;

    /// <summary>The panel's height.</summary>
    public int Height => room.DataHeight + room.Bottom;

    /// <summary>Draws it with its data's upper edge at a height.</summary>
    public void Draw(SKCanvas canvas, int left, int top)
    {
        using var plot = new Plot();
        (plot.FigureBackground.Color, plot.DataBackground.Color) = (Colour(theme.Paper), Colour(theme.Paper));
        plot.Layout.Fixed(new PixelPadding(room.Left, room.Right, room.Bottom, Overhang));
        plot.HideGrid();
        plot.Axes.FrameColor(Colour(theme.Ink));
        var (x, y) = panel.Axes(room.DataWidth, room.DataHeight);
        // Rows go down, and ScottPlot's axes up.
        var (low, high) = y.Range;
        if (low > high) y = y with { Range = new(high, low), Ticks = [.. y.Ticks.Select(tick => (low + high - tick.At, tick.Label))] };
        foreach (var (at, _) in x.HasGrid ? x.Ticks : []) plot.Add.VerticalLine(at, 1, Colour(theme.Lines));
        foreach (var (at, _) in y.HasGrid ? y.Ticks : []) plot.Add.HorizontalLine(at, 1, Colour(at == 0 ? theme.Muted : theme.Lines));
        if (panel is GridPanel grid) GridPicture.Fill(plot, grid, theme);
        else if (panel is CurvePanel curves) CurvePicture.Fill(plot, curves, theme);
        else if (panel is BarPanel bars) BarPicture.Fill(plot, bars, theme);
        Style(plot.Axes.Bottom, x.Title, x.Ticks, theme);
        Style(plot.Axes.Left, y.Title, y.Ticks, theme);
        if (x.IsUpright)
        {
            (plot.Axes.Bottom.TickLabelStyle.Rotation, plot.Axes.Bottom.TickLabelStyle.Alignment) = (-90, Alignment.MiddleRight);
            plot.Axes.Bottom.MinimumSize = room.Bottom;
        }
        plot.Axes.SetLimits(x.Range.Low, x.Range.High, y.Range.Low, y.Range.High);
        // The first rendering of a plot sets its axes up and draws it twice; in an SVG both would stay.
        plot.RenderInMemory(Width, Height + Overhang);
        // It also wipes the canvas, and only its own part may go.
        canvas.Save();
        canvas.ClipRect(SKRect.Create(left, top - Overhang, Width, Height + Overhang));
        plot.Render(canvas, new PixelRect(left, left + Width, top + Height, top - Overhang));
        canvas.Restore();
    }

    /// <summary>Gives an axis its title and marks.</summary>
    public static void Style(IAxis axis, string title, IEnumerable<(double At, string Label)> ticks, Theme theme)
    {
        axis.Label.Text = title;
        foreach (var (style, size) in new[] { (axis.Label, AxisTitleSize), (axis.TickLabelStyle, LabelSize) })
            (style.FontName, style.FontSize, style.Bold, style.ForeColor) = (ChartFont.Family, size, false, Colour(theme.Ink));
        // ScottPlot centres a label's whole line, which puts its letters too high.
        if (!axis.Edge.IsHorizontal()) axis.TickLabelStyle.OffsetY = 2;
        (axis.MajorTickStyle.Length, axis.MajorTickStyle.Color) = (3, Colour(theme.Ink));
        axis.TickGenerator = new NumericManual([.. ticks.Select(tick => tick.At)], [.. ticks.Select(tick => ChartFont.Drawable(tick.Label))]);
    }

    /// <summary>Width of the longest of some labels.</summary>
    public static int Widest(IEnumerable<string> labels) => (int)labels.Max(label => ChartFont.Measure(ChartFont.Drawable(label), LabelSize));

    /// <summary>A colour as ScottPlot has it.</summary>
    public static Color Colour(Rgb colour) => new(colour.R, colour.G, colour.B);
}
