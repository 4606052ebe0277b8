using System.Text;
using SkiaSharp;

namespace PatchKernel.Charts;

/// <summary>A chart as a picture, its panels drawn by ScottPlot.</summary>
internal sealed class ChartPicture
{
    private const int PixelsPerPoint = 2;
    private const float LeastWidth = 480;

    private const int MostColumns = 4, HeadingHeight = 18;

    private readonly ChartContent content;
    private readonly PanelRows rows;
    private readonly PanelPicture[] panels;
    private readonly int above, headings, width, height;

    private ChartPicture(ChartContent content)
    {
        this.content = content;
        rows = PanelRows.InRows(content.Panels, (content.Panels.Count + MostColumns - 1) / MostColumns);
        panels = [.. Enumerable.Range(0, content.Panels.Count).Select(i => new PanelPicture(content, rows, i))];
        headings = content.Panels.Any(panel => panel.Heading is not null) ? HeadingHeight : 0;
        above = 50 + 15 * content.CaptionLines.Count;
        width = (int)Math.Max(LeastWidth, Enumerable.Range(0, rows.Columns).Sum(ColumnWidth) + 8);
        height = above + Enumerable.Range(0, rows.Count).Sum(RowHeight);
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
        var crisp = content.Panels.All(PlotlyTraces.HasLook) ? "shape-rendering=\"crispEdges\" " : "";
        return Encoding.UTF8.GetString(stream.ToArray())
            .Replace("<svg ", $"<svg {crisp}viewBox=\"0 0 {picture.width} {picture.height}\" ")
            .Replace($"font-family=\"{content.Font.Family}\"", $"font-family=\"{string.Join(", ", content.Font.Families)}\"");
    }

    private void Draw(SKCanvas canvas)
    {
        var theme = content.PictureTheme;
        canvas.Clear(new SKColor(theme.Paper.R, theme.Paper.G, theme.Paper.B));
        for (var i = 0; i < panels.Length; i++)
        {
            // The data of one column begin at one place, whatever stands left of them.
            var data = Enumerable.Range(0, rows.Column(i)).Sum(ColumnWidth) + LabelsOf(rows.Column(i));
            var top = above + Enumerable.Range(0, rows.Row(i)).Sum(RowHeight) + headings;
            var room = panels[i].Room;
            panels[i].Draw(canvas, data - room.Left, top);
            if (content.Panels[i].Heading is { } heading) DrawLine(canvas, heading, 12, data, top - 6, theme.Ink, room.DataWidth);
        }
        DrawLine(canvas, content.Title, 17, 14, 28, theme.Ink, width - 28);
        for (var i = 0; i < content.CaptionLines.Count; i++)
            DrawLine(canvas, content.CaptionLines[i], PanelPicture.LabelSize, 14, 46 + 15 * i, theme.Muted, width - 28);
    }

    private int LabelsOf(int column) => rows.InColumn(column).Max(panel => panels[panel].Room.Left);

    private int ColumnWidth(int column) => LabelsOf(column) + rows.InColumn(column).Max(panel => panels[panel].Room is var room ? room.DataWidth + room.Right : 0);

    private int RowHeight(int row) => headings + rows.InRow(row).Max(panel => panels[panel].Room.Height);

    private void DrawLine(SKCanvas canvas, string text, float size, float x, float y, Rgb colour, float room)
    {
        text = content.Font.Drawable(text);
        // A line that is too long gets smaller rather than cut off.
        using var font = content.Font.Sized(size * Math.Min(1, room / content.Font.Measure(text, size)));
        using var paint = new SKPaint { Color = new(colour.R, colour.G, colour.B), IsAntialias = true };
        canvas.DrawText(text, x, y, SKTextAlign.Left, font, paint);
    }
}
