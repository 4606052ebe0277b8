using Microsoft.Playwright;
using PatchKernel.Tests.Notebooks;

namespace PatchKernel.Tests.Browser;

/// <summary>Every page that is written for users, opened with the network cut.</summary>
[Collection(nameof(Chromium))]
public sealed class ExportedPageTests(Chromium chromium, ShippedRuns runs) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public async Task The_sweeps_page()
    {
        CliRun.Of(["sweep", .. CliRun.TinyPair, "--html", folder.File("patching.html")]).Success();
        await using var page = await chromium.OpenAsync(folder.File("patching.html"));
        await page.HasChartsAsync(1);
        page.IsQuiet();
    }

    [Theory]
    [MemberData(nameof(ConvertTests.Shipped), MemberType = typeof(ConvertTests))]
    public async Task The_runners_page_of_a_notebook(string name)
    {
        var html = await runs.OfAsync(name, ".html");
        await using var page = await chromium.OpenAsync(html);
        await page.HasChartsAsync(ChartHtml.FiguresIn(File.ReadAllText(html)).Count);
        Assert.Equal(0, await page.Pictures.CountAsync());
        await page.PhotographAsync(Path.GetFileNameWithoutExtension(name));
        page.IsQuiet();
    }

    [Theory]
    [MemberData(nameof(ConvertTests.Shipped), MemberType = typeof(ConvertTests))]
    public async Task The_runners_page_keeps_nobody_out_and_fits_a_phone(string name)
    {
        var html = await runs.OfAsync(name, ".html");
        foreach (var (scheme, width) in new[] { (ColorScheme.Light, 1000), (ColorScheme.Dark, 390) })
        {
            await using var page = await chromium.OpenAsync(html, scheme, width);
            await page.HasChartsAsync(ChartHtml.FiguresIn(File.ReadAllText(html)).Count);
            Assert.Equal("", string.Join('\n', await page.BarriersAsync()));
            Assert.Equal("en main 1", await page.EvaluateAsync<string>("`${document.documentElement.lang} ${document.body.firstElementChild.localName} ${document.querySelectorAll('h1').length}`"));
            Assert.Equal(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
            await page.PhotographAsync($"{Path.GetFileNameWithoutExtension(name)}-{width}");
            page.IsQuiet();
        }
    }

    [Theory]
    [MemberData(nameof(ConvertTests.Shipped), MemberType = typeof(ConvertTests))]
    public async Task Nbconverts_page_of_a_stored_notebook(string name)
    {
        var html = await runs.PageAsync(name);
        await using var page = await chromium.OpenAsync(html);
        // A stored notebook has no plotly.js: its charts are pictures.
        var pictures = await page.Pictures.AllAsync();
        // A chart of the reader's own, which has its configuration with it, has no picture.
        Assert.Equal(ChartHtml.FiguresIn(File.ReadAllText(html)).Count(figure => !figure.Contains("\"config\":", StringComparison.Ordinal)), pictures.Count);
        foreach (var picture in pictures) Assert.True(await OpenPage.IsShownAsync(picture));
        page.IsQuiet();
    }

    public void Dispose() => folder.Dispose();
}
