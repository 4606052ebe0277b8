using System.Text;
using System.Xml.Linq;
using PatchKernel.Charts;
using SkiaSharp;

namespace PatchKernel.Tests;

public sealed class HeatmapPictureTests
{
    private static readonly Rgb Ink = new(0x22, 0x22, 0x22);

    [Theory]
    [InlineData("Purples")]
    [InlineData("Diverging")]
    public void Every_cell_of_the_PNG_has_its_scores_colour(string scale)
    {
        var colours = scale == "Purples" ? ColourScale.Purples : ColourScale.Diverging;
        var heatmap = Heatmap.Draw(SampleResults.Small(HeatmapTests.Outside), new() { Scale = colours });
        using var picture = Picture.Of(heatmap.ToPng());
        for (var layer = 0; layer < 7; layer++)
            for (var pos = 0; pos < 8; pos++)
                Assert.Equal(colours.ColourOf(HeatmapTests.Outside(layer, pos), heatmap.Range), picture.Cell(layer, pos, layers: 7, positions: 8));
    }

    [Fact]
    public void Cells_that_are_not_a_number_are_grey()
    {
        using var picture = Picture.Of(Heatmap.Draw(SampleResults.Small((layer, _) => layer == 3 ? float.NaN : 0)).ToPng());
        Assert.Equal("#999999", picture.Cell(3, 2, layers: 7, positions: 8).Hex);
        Assert.Equal("#fcfbfd", picture.Cell(2, 2, layers: 7, positions: 8).Hex);
    }

    [Fact]
    public void Labels_are_drawn_beside_every_row()
    {
        using var picture = Picture.Of(Heatmap.Draw(SampleResults.Small()).ToPng());
        for (var pos = 0; pos < 8; pos++) Assert.True(picture.HasInkLeftOf(pos, positions: 8), $"row {pos} has no label");
    }

    [Fact]
    public void The_SVG_has_every_text()
    {
        var heatmap = Heatmap.Draw(SampleResults.Small());
        var texts = Texts(heatmap.ToSvg());
        string[] axes = ["Layer", "Token of the clean prompt", "Normalized Score", "0", "1", "5", "6", "0.2", "0.8"];
        string[] expected = [heatmap.Title, .. heatmap.Caption, .. heatmap.RowLabels, .. axes];
        Assert.All(expected, text => Assert.Contains(text, texts));
        Assert.Equal(4 + 8 + 7 + 3 + 6, texts.Length);
        Assert.Equal(2, texts.Count(text => text == "\" the\""));
    }

    [Fact]
    public void The_SVG_has_a_rectangle_a_cell_in_its_colour()
    {
        var result = SampleResults.Small();
        var fills = XDocument.Parse(Heatmap.Draw(result).ToSvg()).Descendants().Where(element => element.Name.LocalName == "rect")
            .Select(element => element.Attribute("fill")?.Value.ToLowerInvariant()).ToArray();
        var colours = result.NormalisedScore.Select(score => ColourScale.Purples.ColourOf(score, new(0, 1)).Hex).Distinct();
        Assert.All(colours, colour => Assert.Contains(colour, fills));
    }

    [Theory]
    [InlineData(7, 8, 13)]
    [InlineData(80, 200, 0)]
    public void Cells_have_edges_while_they_are_not_small(int layers, int positions, int edges)
    {
        var heatmap = Heatmap.Draw(positions == 8 ? SampleResults.Small(layers: layers) : SampleResults.Large(layers, positions));
        Assert.Equal(edges, XDocument.Parse(heatmap.ToSvg()).Descendants().Count(element => element.Attribute("stroke")?.Value == "#999"));
    }

    [Fact]
    public void The_SVG_names_fonts_to_fall_back_on()
    {
        var families = XDocument.Parse(Heatmap.Draw(SampleResults.Small()).ToSvg()).Descendants()
            .Select(element => element.Attribute("font-family")?.Value).Where(family => family is not null).Distinct();
        Assert.Equal(["DejaVu Sans, Verdana, Segoe UI, Helvetica, Arial, sans-serif"], families);
    }

    [Fact]
    public void Characters_that_the_font_lacks_are_written_by_number()
    {
        var result = SampleResults.Small();
        string[] tokens = [" 日本", "🧠", .. result.Pair.Clean.Tokens!.Skip(2)];
        var texts = Texts(Heatmap.Draw(result with { Pair = result.Pair with { Clean = result.Pair.Clean with { Tokens = tokens } } }).ToSvg());
        Assert.Contains("\" \\u65e5\\u672c\"", texts);
        Assert.Contains("\"\\U0001f9e0\"", texts);
    }

    [Fact]
    public void Large_grids_stay_whole()
    {
        using var picture = Picture.Of(Heatmap.Draw(SampleResults.Small((layer, _) => layer / 79f, layers: 80)).ToPng());
        Assert.Equal("#fcfbfd", picture.Cell(0, 0, layers: 80, positions: 8).Hex);
        Assert.Equal("#3f007d", picture.Cell(79, 7, layers: 80, positions: 8).Hex);
    }

    [Theory]
    [InlineData("a.png", "\u0089PNG")]
    [InlineData("a.PNG", "\u0089PNG")]
    [InlineData("a.svg", "<?xml")]
    public void The_files_extension_chooses_the_kind(string name, string start)
    {
        using var folder = new TemporaryFolder();
        Heatmap.Draw(SampleResults.Small()).WriteImage(folder.File(name));
        Assert.StartsWith(start, Encoding.Latin1.GetString(File.ReadAllBytes(folder.File(name))));
    }

    [Fact]
    public void The_font_is_the_embedded_one()
    {
        Assert.Equal("DejaVu Sans", ChartFont.Usual.Typeface.FamilyName);
        Assert.Equal("\" Ġ⏎␣é中\"".Replace("中", "\\u4e2d"), ChartFont.Usual.Drawable("\" Ġ⏎␣é中\""));
    }

    private static string[] Texts(string svg) =>
        [.. XDocument.Parse(svg).Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value.Trim())];

    /// <summary>A PNG, and where its grid lies: inside the frame.</summary>
    private sealed class Picture : IDisposable
    {
        private readonly SKBitmap bitmap;
        private readonly int left, right, top, bottom;

        private Picture(SKBitmap bitmap)
        {
            this.bitmap = bitmap;
            // The frame's upper edge is the first row with a long line; it ends where the frame does.
            top = Enumerable.Range(0, bitmap.Height).First(y => LongestLine(y).Length > 400);
            bottom = Enumerable.Range(0, bitmap.Height).Last(y => LongestLine(y).Length > 400);
            (left, var length) = LongestLine(top);
            right = left + length - 1;
        }

        public static Picture Of(byte[] png) => new(SKBitmap.Decode(png));

        public Rgb Cell(int layer, int pos, int layers, int positions) => At(
            left + (int)((layer + 0.5) * (right - left) / layers), top + (int)((pos + 0.5) * (bottom - top) / positions));

        public bool HasInkLeftOf(int pos, int positions)
        {
            var rowHeight = (bottom - top) / positions;
            return Enumerable.Range(top + pos * rowHeight, rowHeight).Any(y => Enumerable.Range(left - 60, 44).Any(x => At(x, y).IsDark));
        }

        public void Dispose() => bitmap.Dispose();

        private (int Start, int Length) LongestLine(int y)
        {
            var (best, start) = ((Start: 0, Length: 0), 0);
            for (var x = 0; x < bitmap.Width; x++)
            {
                if (At(x, y) != Ink) start = x + 1;
                else if (x - start + 1 > best.Length) best = (start, x - start + 1);
            }
            return best;
        }

        private Rgb At(int x, int y)
        {
            var colour = bitmap.GetPixel(x, y);
            return new(colour.Red, colour.Green, colour.Blue);
        }
    }
}
