using System.Text;
using SkiaSharp;

namespace PatchKernel.Charts;

/// <summary>A chart as a picture, its panels drawn by ScottPlot.</summary>
internal sealed class ChartPicture
{
    private const int PixelsPerPoint = 2;
    private const float LeastWidth = 480;

    private readonly ChartContent content;
    private readonly (Panel Panel, PanelPicture Picture)[] panels;
    private readonly int top, width, height;

    private ChartPicture(ChartContent content)
    {
        this.content = content;
        panels = [.. content.Panels.Select(panel => (panel, new PanelPicture(panel, content.PictureTheme, content.Panels.Count)))];
        top = 50 + 15 * content.CaptionLines.Count + (content.Panels.Any(panel => panel.Heading is not null) ? 18 : 0);
        width = (int)Math.Max(LeastWidth, panels.Sum(panel => panel.Picture.Room.Width) + 8);
        height = top + panels.Max(panel => panel.Picture.Room.Height);
    }

    public static byte[] Png(ChartContent content)
    {
        var picture = new ChartPicture(content);
        using var surface = SKSurface.Create(new SKImageInfo(picture.width * PixelsPerPoint, picture.height * PixelsPerPoint));
        surface.Canvas.Scale(PixelsPerPoint);
        picture.Draw(surface.Canvas);
        using var image = surface.Snapshot();
        using var png = image.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    public static string Svg(ChartContent content)
    {
        var picture = new ChartPicture(content);
        using var stream = new MemoryStream();
        // The canvas writes its last elements when it is disposed of.
        using (var canvas = SKSvgCanvas.Create(SKRect.Create(picture.width, picture.height), stream)) picture.Draw(canvas);
        // No hairlines between neighbouring cells, at any zoom; curves stay smooth.
        var crisp = content.Panels.Any(panel => panel is CurvePanel) ? "" : "shape-rendering=\"crispEdges\" ";
        return Encoding.UTF8.GetString(stream.ToArray())
            .Replace("<svg ", $"<svg {crisp}viewBox=\"0 0 {picture.width} {picture.height}\" ")
            .Replace($"font-family=\"{ChartFont.Family}\"", $"font-family=\"{ChartFont.FamilyWithFallbacks}\"");
    }

    private void Draw(SKCanvas canvas)
    {
        var theme = content.PictureTheme;
        canvas.Clear(new SKColor(theme.Paper.R, theme.Paper.G, theme.Paper.B));
        var left = 0;
        foreach (var (panel, picture) in panels)
        {
            picture.Draw(canvas, left, top);
            var room = picture.Room;
            if (panel.Heading is { } heading) DrawLine(canvas, heading, 12, left + room.Left, top - 6, theme.Ink, room.Width - room.Left);
            left += room.Width;
        }
        DrawLine(canvas, content.Title, 17, 14, 28, theme.Ink, width - 28);
        for (var i = 0; i < content.CaptionLines.Count; i++)
            DrawLine(canvas, content.CaptionLines[i], PanelPicture.LabelSize, 14, 46 + 15 * i, theme.Muted, width - 28);
    }

    private static void DrawLine(SKCanvas canvas, string text, float size, float x, float y, Rgb colour, float room)
    {
        text = ChartFont.Drawable(text);
        // A line that is too long gets smaller rather than cut off.
        using var font = ChartFont.Sized(size * Math.Min(1, room / ChartFont.Measure(text, size)));
        using var paint = new SKPaint { Color = new(colour.R, colour.G, colour.B), IsAntialias = true };
        canvas.DrawText(text, x, y, SKTextAlign.Left, font, paint);
    }
}
