using System.Text;
using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace PatchKernel;

/// <summary>A heatmap as a picture, drawn by ScottPlot.</summary>
internal sealed class HeatmapPicture
{
    private const int PixelsPerPoint = 2;
    private const float LabelSize = 10.5f;
    private const float AxisTitleSize = 12;
    private static readonly Color Ink = new(0x22, 0x22, 0x22);

    private readonly HeatmapContent content;
    private readonly string[] rowLabels;

    // Cells are whole points, so that their edges are sharp.
    private readonly int left, top, cellWidth, cellHeight, width, height;

    private HeatmapPicture(HeatmapContent content)
    {
        this.content = content;
        rowLabels = [.. content.RowLabels.Select(ChartFont.Drawable)];
        left = 48 + (int)rowLabels.Max(label => ChartFont.Measure(label, LabelSize));
        top = 46 + 15 * content.Caption.Count;
        cellWidth = Math.Max(4, 620 / content.Layers);
        cellHeight = Math.Max(15, 180 / content.Rows);
        width = left + Math.Max(480, cellWidth * content.Layers) + 90;
        height = top + cellHeight * content.Rows + 52;
    }

    public static byte[] Png(HeatmapContent content)
    {
        var picture = new HeatmapPicture(content);
        using var surface = SKSurface.Create(new SKImageInfo(picture.width * PixelsPerPoint, picture.height * PixelsPerPoint));
        surface.Canvas.Scale(PixelsPerPoint);
        picture.Draw(surface.Canvas);
        using var image = surface.Snapshot();
        using var png = image.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    public static string Svg(HeatmapContent content)
    {
        var picture = new HeatmapPicture(content);
        using var stream = new MemoryStream();
        // The canvas writes its last elements when it is disposed of.
        using (var canvas = SKSvgCanvas.Create(SKRect.Create(picture.width, picture.height), stream)) picture.Draw(canvas);
        return Encoding.UTF8.GetString(stream.ToArray())
            // No hairlines between neighbouring cells, at any zoom.
            .Replace("<svg ", $"<svg shape-rendering=\"crispEdges\" viewBox=\"0 0 {picture.width} {picture.height}\" ")
            .Replace($"font-family=\"{ChartFont.Family}\"", $"font-family=\"{ChartFont.FamilyWithFallbacks}\"");
    }

    private void Draw(SKCanvas canvas)
    {
        using var plot = NewPlot();
        // The first rendering of a plot sets its axes up and draws it twice; in an SVG both would stay.
        plot.RenderInMemory(width, height);
        plot.Render(canvas, new PixelRect(0, width, height, 0));
        DrawLine(canvas, content.Title, 17, 28, Ink);
        for (var i = 0; i < content.Caption.Count; i++) DrawLine(canvas, content.Caption[i], LabelSize, 46 + 15 * i, new(0x55, 0x55, 0x55));
    }

    private void DrawLine(SKCanvas canvas, string text, float size, float y, Color colour)
    {
        const float margin = 14;
        text = ChartFont.Drawable(text);
        // A line that is too long gets smaller rather than cut off.
        using var font = ChartFont.Sized(size * Math.Min(1, (width - 2 * margin) / ChartFont.Measure(text, size)));
        using var paint = new SKPaint { Color = new(colour.R, colour.G, colour.B), IsAntialias = true };
        canvas.DrawText(text, margin, y, SKTextAlign.Left, font, paint);
    }

    private Plot NewPlot()
    {
        var plot = new Plot();
        var right = width - left - cellWidth * content.Layers;
        plot.Layout.Fixed(new PixelPadding(left, right, height - top - cellHeight * content.Rows, top));
        plot.HideGrid();
        plot.Axes.FrameColor(Ink);
        AddCells(plot);
        StyleAxis(plot.Axes.Bottom, HeatmapContent.XTitle, content.LayerTicks.Select(layer => ((double)layer, $"{layer}")));
        // The first row is the top one, but the axis goes up.
        StyleAxis(plot.Axes.Left, content.YTitle, rowLabels.Select((label, pos) => (content.Rows - 1.0 - pos, label)));
        plot.Axes.SetLimits(-0.5, content.Layers - 0.5, -0.5, content.Rows - 0.5);
        return plot;
    }

    private void AddCells(Plot plot)
    {
        var cells = plot.Add.Heatmap(Intensities());
        cells.Colormap = new Colours(content.Scale);
        cells.ManualRange = new(content.Range.Low, content.Range.High);
        cells.NaNCellColor = ToColour(ColourScale.NotANumber);
        cells.RenderStrategy = new ScottPlot.Plottables.Heatmap.RenderStrategies.Rectangles();
        var bar = plot.Add.ColorBar(cells);
        bar.Width = 14;
        StyleAxis(bar.Axis, HeatmapContent.ColourBarTitle, content.ColourTicks.Select(tick => (tick, FormattableString.Invariant($"{tick:0.##}"))));
    }

    private static void StyleAxis(IAxis axis, string title, IEnumerable<(double Position, string Label)> ticks)
    {
        axis.Label.Text = title;
        foreach (var (style, size) in new[] { (axis.Label, AxisTitleSize), (axis.TickLabelStyle, LabelSize) })
            (style.FontName, style.FontSize, style.Bold, style.ForeColor) = (ChartFont.Family, size, false, Ink);
        // ScottPlot centres a label's whole line, which puts its letters too high.
        if (!axis.Edge.IsHorizontal()) axis.TickLabelStyle.OffsetY = 2;
        (axis.MajorTickStyle.Length, axis.MajorTickStyle.Color) = (3, Ink);
        axis.TickGenerator = new NumericManual([.. ticks.Select(tick => tick.Position)], [.. ticks.Select(tick => tick.Label)]);
    }

    private double[,] Intensities()
    {
        var intensities = new double[content.Rows, content.Layers];
        for (var pos = 0; pos < content.Rows; pos++)
            for (var layer = 0; layer < content.Layers; layer++)
            {
                var score = content.Grid.Score(layer, pos);
                intensities[pos, layer] = float.IsFinite(score) ? score : double.NaN;
            }
        return intensities;
    }

    private static Color ToColour(Rgb colour) => new(colour.R, colour.G, colour.B);

    private sealed class Colours(ColourScale scale) : IColormap
    {
        public string Name => scale.Name;

        public Color GetColor(double position) => ToColour(scale.At(position));
    }
}
