using System.Xml.Linq;
using SkiaSharp;

namespace PatchKernel.Tests;

public sealed class ChartFontTests
{
    private static readonly string[] Installed = [.. SKFontManager.Default.FontFamilies.Where(family => family.Length > 0 && family != "DejaVu Sans")];

    [Fact]
    public void A_font_that_the_system_has_is_that_of_page_and_picture()
    {
        Assert.SkipWhen(Installed.Length == 0, "needs a font beside DejaVu Sans");
        var font = Installed.FirstOrDefault(family => family.Contains("Serif", StringComparison.Ordinal)) ?? Installed[0];
        var (usual, chart) = (Heatmap.Draw(SampleResults.Small()), Heatmap.Draw(SampleResults.Small(), new() { Font = font.ToUpperInvariant() }));
        var families = XDocument.Parse(chart.ToSvg()).Descendants().Select(element => element.Attribute("font-family")?.Value).OfType<string>().Distinct();
        Assert.Equal([$"{font}, DejaVu Sans, Verdana, Segoe UI, Helvetica, Arial, sans-serif"], families);
        Assert.StartsWith(font, System.Text.Json.JsonElement.Parse(chart.ToFigureJson()).GetProperty("layout").GetProperty("font").GetProperty("family").GetString()!.Trim('"'), StringComparison.Ordinal);
        Assert.NotEqual(usual.ToPng(), chart.ToPng());
    }

    [Theory]
    [InlineData("DejaVu Sanz", "near names are DejaVu Sans")]
    [InlineData("qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq", "no name is near, and there are DejaVu Sans")]
    public void A_font_that_it_lacks_is_refused_with_those_that_are_near(string font, string advice)
    {
        var error = Assert.Throws<PatchKernelException>(() => Heatmap.Draw(SampleResults.Small(), new() { Font = font }));
        Assert.StartsWith($"This system has no font '{font}': {advice}", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("; install it or choose one of these.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_command_refuses_it_before_it_runs_anything()
    {
        using var folder = new TemporaryFolder();
        var run = CliRun.Of(["sweep", "--font", "DejaVu Sanz", "--html", folder.File("a.html")]);
        Assert.StartsWith("This system has no font 'DejaVu Sanz': near names are DejaVu Sans", run.Failure(2), StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("a.html")));
    }
}
