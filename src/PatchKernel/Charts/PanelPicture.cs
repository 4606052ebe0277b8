using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace PatchKernel;

/// <summary>One panel of a picture; all sizes are in points.</summary>
internal abstract class PanelPicture(Panel panel, Theme theme)
{
    /// <summary>Size of labels and captions.</summary>
    public const float LabelSize = 10.5f;

    /// <summary>Room that a line of labels needs.</summary>
    protected const double LabelHeight = 13;

    private const float AxisTitleSize = 12;

    // The uppermost labels stand half above the data.
    private const int Overhang = 8;

    /// <summary>The panel's heading, or null.</summary>
    public string? Heading => panel.Heading;

    /// <summary>Room for the rows' labels, or for what there is instead.</summary>
    public int Left { get; protected init; }

    /// <summary>Size of the data.</summary>
    protected int DataWidth { get; init; }

    /// <inheritdoc cref="DataWidth"/>
    protected int DataHeight { get; init; }

    /// <summary>Room beside the data.</summary>
    protected int Right { get; init; } = 16;

    /// <summary>Room under the data.</summary>
    protected int Bottom { get; init; } = 52;

    /// <summary>The panel's width.</summary>
    public int Width => Left + DataWidth + Right;

    /// <summary>The panel's height.</summary>
    public int Height => DataHeight + Bottom;

    /// <summary>A panel's picture.</summary>
    /// <param name="panel">The panel.</param>
    /// <param name="theme">The colours around the data.</param>
    /// <param name="panels">How many there are side by side.</param>
    public static PanelPicture Of(Panel panel, Theme theme, int panels) => panel switch
    {
        GridPanel grid => new GridPicture(grid, theme, panels),
        CurvePanel curves => new CurvePicture(curves, theme),
        BarPanel bars => new BarPicture(bars, theme),
        _ => throw new InvalidOperationException(),
    };

    /// <summary>Draws it with its data's upper edge at a height.</summary>
    public void Draw(SKCanvas canvas, int left, int top)
    {
        using var plot = new Plot();
        plot.FigureBackground.Color = Colour(theme.Paper);
        plot.DataBackground.Color = Colour(theme.Paper);
        plot.Layout.Fixed(new PixelPadding(Left, Right, Bottom, Overhang));
        plot.HideGrid();
        plot.Axes.FrameColor(Colour(theme.Ink));
        Fill(plot);
        // The first rendering of a plot sets its axes up and draws it twice; in an SVG both would stay.
        plot.RenderInMemory(Width, Height + Overhang);
        // It also wipes the canvas, and only its own part may go.
        canvas.Save();
        canvas.ClipRect(SKRect.Create(left, top - Overhang, Width, Height + Overhang));
        plot.Render(canvas, new PixelRect(left, left + Width, top + Height, top - Overhang));
        canvas.Restore();
    }

    /// <summary>Puts the data in.</summary>
    protected abstract void Fill(Plot plot);

    /// <summary>An axis's title and ticks.</summary>
    protected void Style(IAxis axis, string title, IEnumerable<(double Position, string Label)> ticks)
    {
        axis.Label.Text = title;
        foreach (var (style, size) in new[] { (axis.Label, AxisTitleSize), (axis.TickLabelStyle, LabelSize) })
            (style.FontName, style.FontSize, style.Bold, style.ForeColor) = (ChartFont.Family, size, false, Colour(theme.Ink));
        // ScottPlot centres a label's whole line, which puts its letters too high.
        if (!axis.Edge.IsHorizontal()) axis.TickLabelStyle.OffsetY = 2;
        (axis.MajorTickStyle.Length, axis.MajorTickStyle.Color) = (3, Colour(theme.Ink));
        axis.TickGenerator = new NumericManual([.. ticks.Select(tick => tick.Position)], [.. ticks.Select(tick => tick.Label)]);
    }

    /// <summary>Labels of things in a row.</summary>
    protected static IEnumerable<(double, string)> Labels(CategoryAxis axis, IEnumerable<int> ticks) =>
        ticks.Select(tick => ((double)tick, ChartFont.Drawable(axis.Labels[tick])));

    /// <summary>The same from top to bottom: the first row is the top one, but the axis goes up.</summary>
    protected static IEnumerable<(double, string)> Upwards(CategoryAxis axis, IEnumerable<int> ticks) =>
        Labels(axis, ticks).Select(label => (axis.Count - 1 - label.Item1, label.Item2));

    /// <summary>Labels of numbers.</summary>
    protected static IEnumerable<(double, string)> Labels(ValueAxis axis) => axis.Ticks.Select(tick => (tick, ChartText.Tick(tick)));

    /// <summary>Width of the longest label.</summary>
    protected static int Widest(CategoryAxis axis) => (int)axis.Labels.Max(label => ChartFont.Measure(ChartFont.Drawable(label), LabelSize));

    /// <summary>A colour as ScottPlot has it.</summary>
    protected static Color Colour(Rgb colour) => new(colour.R, colour.G, colour.B);
}
