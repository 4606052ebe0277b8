using Microsoft.Playwright;
using Plotly.NET;

namespace PatchKernel.Tests.Browser;

/// <summary>Charts take the colours of the page they stand on, and those of a theme where one was asked for.</summary>
[Collection(nameof(Chromium))]
public sealed class PageColourTests(Chromium chromium) : IDisposable
{
    private static readonly double[] Heights = [0.1, 0.5, 1];
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("code-dark", ":root{--vscode-editor-background:#1f1f1f;--vscode-editor-foreground:#cccccc}", "rgb(204, 204, 204)", "rgb(31, 31, 31)")]
    [InlineData("code-light", ":root{--vscode-editor-background:#ffffff;--vscode-editor-foreground:#3b3b3b}", "rgb(59, 59, 59)", "rgb(255, 255, 255)")]
    [InlineData("jupyter-dark", ":root{--jp-layout-color0:#111111;--jp-content-font-color1:rgba(255,255,255,1)}", "rgb(255, 255, 255)", "rgb(17, 17, 17)")]
    [InlineData("jupyter-light", ":root{--jp-layout-color0:white;--jp-content-font-color1:rgba(0,0,0,0.87)}", "rgb(0, 0, 0)", "rgb(255, 255, 255)")]
    [InlineData("page", "body{background:#fdf6e3;color:#073642}", "rgb(7, 54, 66)", "rgb(253, 246, 227)")]
    [InlineData("bare", "", "rgb(0, 0, 0)", "rgba(0, 0, 0, 0)")]
    public async Task A_charts_text_and_ground_are_the_pages(string name, string style, string ink, string paper)
    {
        await using var page = await OpenAsync(style, ColorScheme.Light, Part(null));
        await page.PhotographAsync($"colours-{name}");
        Assert.Equal((ink, paper), await page.ColoursAroundAsync());
        page.IsQuiet();
    }

    [Fact]
    public async Task On_a_page_that_follows_the_systems_dark_mode_a_chart_does_too()
    {
        await using var page = await OpenAsync(":root{color-scheme:light dark}", ColorScheme.Dark, Part(null));
        Assert.Equal("rgb(255, 255, 255)", (await page.ColoursAroundAsync()).Ink);
        page.IsQuiet();
    }

    [Fact]
    public async Task A_theme_that_was_asked_for_stays()
    {
        await using var page = await OpenAsync("body{background:white;color:black}", ColorScheme.Light, Part(Theme.Dark));
        Assert.Equal(("rgb(232, 232, 232)", "rgb(31, 31, 31)"), await page.ColoursAroundAsync());
        page.IsQuiet();
    }

    [Theory]
    [InlineData("#1f1f1f", "#cccccc", "rgb(204, 204, 204)", "rgb(31, 31, 31)")]
    [InlineData("#ffffff", "#3b3b3b", "rgb(42, 63, 95)", "rgb(255, 255, 255)")]
    public async Task A_readers_own_chart_turns_dark_in_a_dark_editor(string background, string foreground, string ink, string paper)
    {
        await using var page = await OpenAsync($":root{{--vscode-editor-background:{background};--vscode-editor-foreground:{foreground}}}", ColorScheme.Light,
            ChartPage.PlotlyScript + ChartPage.Part(Own(useDefaults: true)));
        await page.PhotographAsync($"own-{background[1..]}");
        Assert.Equal((ink, paper), await page.ColoursAroundAsync());
        page.IsQuiet();
    }

    [Theory]
    [InlineData("plotly", "own")]
    [InlineData("own", "plotly")]
    [InlineData("amd", "own", "plotly")]
    public async Task A_readers_own_chart_is_drawn_wherever_on_the_page_plotly_stands(params string[] parts)
    {
        var html = parts.Select(part => part switch
        {
            "plotly" => ChartPage.PlotlyScript,
            "own" => ChartHtml.WithoutPlotly(ChartPage.Part(Own(useDefaults: false))),
            _ => "<script>window.define=function(){throw new Error('taken for a module')};define.amd={}</script>",
        });
        await using var page = await OpenAsync("", ColorScheme.Light, string.Concat(html));
        page.IsQuiet();
    }

    public void Dispose() => folder.Dispose();

    private static GenericChart Own(bool useDefaults) => Plotly.NET.CSharp.Chart.Line<int, double, string>(
        x: Enumerable.Range(0, 3), y: Heights, Name: "mine", UseDefaults: useDefaults).WithTitle("Mine");

    private static string Part(Theme? theme)
    {
        var results = Enumerable.Range(1, 3).Select(i => SampleResults.Small((layer, pos) => 0.2f * i * (layer + pos) / 12)).ToArray();
        return ChartPage.PlotlyScript + AverageChart.Draw(SweepAverage.Of(results), new() { Theme = theme }).ToHtml();
    }

    private async Task<OpenPage> OpenAsync(string style, ColorScheme scheme, string html)
    {
        File.WriteAllText(folder.File("a.html"), $"<!DOCTYPE html><meta charset=utf-8><style>{style}</style>{html}");
        var page = await chromium.OpenAsync(folder.File("a.html"), scheme);
        await page.HasChartsAsync(1);
        return page;
    }
}
