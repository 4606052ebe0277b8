using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using PatchKernel.Charts;

namespace PatchKernel.Tests;

/// <summary>Pictures of several panels: nothing lies over anything else.</summary>
public sealed partial class SeveralPanelsPictureTests
{
    public static TheoryData<string> Names => [.. SampleCharts.Names];

    [Theory, MemberData(nameof(Names))]
    public void No_text_lies_over_another_or_leaves_the_picture(string name)
    {
        var svg = XDocument.Parse(SampleCharts.Of(name).ToSvg());
        var (width, height) = (Number(svg.Root!, "width"), Number(svg.Root!, "height"));
        Text[] texts = [.. svg.Descendants().Where(element => element.Name.LocalName == "text").Select(Text.Of)];
        var faults = texts.SelectMany((text, i) => texts.Skip(i + 1).Where(text.Covers).Select(other => $"{text} over {other}"))
            .Concat(texts.Where(text => text.Left < 0 || text.Top < 0 || text.Right > width || text.Bottom > height).Select(text => $"{text} leaves {width} × {height}"));
        Assert.Equal([], faults.Take(4));
    }

    [Theory]
    [InlineData("one", 1)]
    [InlineData("three-long", 1)]
    [InlineData("eight", 2)]
    public void The_colours_title_stands_once_right_of_the_data_and_under_the_bar(string name, int rows)
    {
        var svg = XDocument.Parse(SampleCharts.Of(name).ToSvg());
        Text[] texts = [.. svg.Descendants().Where(element => element.Name.LocalName == "text").Select(Text.Of)];
        var title = Assert.Single(texts, text => text.Content == "Normalized Score");
        Assert.False(title.IsUpright);
        var layers = texts.Where(text => text.Content == "Layer").ToArray();
        Assert.Equal(rows, layers.Select(layer => layer.Top).Distinct().Count());
        Assert.True(title.Left > layers.Max(layer => layer.Right));
        Assert.True(title.Top > texts.Where(text => text.Content == "0.2" || text.Content == "-0.5").Min(text => text.Bottom));
        Assert.True(title.Bottom <= layers.Min(layer => layer.Bottom));
    }

    private static double Number(XElement element, string name) => double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"-?[0-9.]+")]
    private static partial Regex Numbers();

    private sealed record Text(string Content, double Left, double Top, double Right, double Bottom, bool IsUpright)
    {
        public static Text Of(XElement element)
        {
            var size = (float)Number(element, "font-size");
            var content = element.Value.Trim();
            var width = ChartFont.Usual.Measure(content, size);
            var (x, y) = (First(element, "x"), First(element, "y"));
            var transform = element.AncestorsAndSelf().Select(part => part.Attribute("transform")?.Value).LastOrDefault(value => value is not null) ?? "";
            double[] numbers = [.. Numbers().Matches(transform).Select(number => double.Parse(number.Value, CultureInfo.InvariantCulture))];
            if (transform.StartsWith("matrix", StringComparison.Ordinal) || numbers.Length > 2)
            {
                var (centreX, centreY) = (numbers[^2], numbers[^1]);
                return new(content, centreX + y - size, centreY - x - width, centreX + y, centreY - x, true);
            }
            var (dx, dy) = numbers.Length == 2 ? (numbers[0], numbers[1]) : (0, 0);
            return new(content, dx + x, dy + y - size * 0.75, dx + x + width, dy + y + size * 0.2, false);
        }

        public bool Covers(Text other) =>
            Math.Min(Right, other.Right) - Math.Max(Left, other.Left) > 1 && Math.Min(Bottom, other.Bottom) - Math.Max(Top, other.Top) > 1;

        // Each letter may have a place of its own.
        private static double First(XElement element, string name) =>
            element.Attribute(name) is { } attribute ? double.Parse(Numbers().Match(attribute.Value).Value, CultureInfo.InvariantCulture) : 0;
    }
}
