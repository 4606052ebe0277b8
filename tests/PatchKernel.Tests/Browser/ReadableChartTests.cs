using Microsoft.Playwright;

namespace PatchKernel.Tests.Browser;

/// <summary>Charts for those who see little or nothing, or have no pointer.</summary>
[Collection(nameof(Chromium))]
public sealed class ReadableChartTests(Chromium chromium) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Names => [.. SampleCharts.Names];

    [Theory, MemberData(nameof(Names))]
    public async Task Axe_finds_no_barrier_on_any_charts_page(string name)
    {
        SampleCharts.Of(name).WriteHtml(folder.File("a.html"));
        foreach (var (scheme, width) in new[] { (ColorScheme.Light, 1000), (ColorScheme.Dark, 390) })
        {
            await using var page = await OpenAsync(scheme, width);
            Assert.Equal("", string.Join('\n', await page.BarriersAsync()));
            await page.EvaluateAsync<bool>("document.querySelector('details').open = true");
            Assert.Equal("", string.Join('\n', await page.BarriersAsync()));
            await page.PhotographAsync($"page-{name}-{width}");
            page.IsQuiet();
        }
    }

    [Theory, MemberData(nameof(Names))]
    public async Task A_charts_text_is_its_title_caption_and_range_and_a_table_has_its_values(string name)
    {
        var chart = SampleCharts.Of(name);
        chart.WriteHtml(folder.File("a.html"));
        await using var page = await OpenAsync();
        var text = await page.EvaluateAsync<string>("document.querySelector('.js-plotly-plot').ariaLabel");
        Assert.StartsWith(chart.ToString(), text, StringComparison.Ordinal);
        Assert.Contains("Data range: min=", text, StringComparison.Ordinal);
        Assert.Equal(chart.Title, await page.EvaluateAsync<string>("document.querySelector('main > h1').textContent"));
        await HasEveryValueAsync(page);
    }

    [Fact]
    public async Task Every_value_can_be_reached_by_the_keyboard_and_read()
    {
        SweepResult[] results = [SampleResults.Small(layers: 3), SampleResults.Small(HeatmapTests.Outside, layers: 4, site: Activation.MlpOut)];
        Heatmaps.Draw(results).WriteHtml(folder.File("a.html"));
        await using var page = await OpenAsync();
        var key = "ArrowRight";
        foreach (var (number, result) in results.Index())
        {
            var (layers, rows) = (result.Shape[0], result.Shape[1]);
            for (var row = 0; row < rows; row++)
            {
                if (row > 0) await page.PressAsync("Home");
                for (var layer = 0; layer < layers; layer++)
                {
                    await page.PressAsync(layer == 0 && row > 0 ? "ArrowDown" : key);
                    Reads(await page.SaidAsync(), result, layer, row);
                }
            }
            // Up again, and over the end of the row into the next heatmap.
            for (var row = rows - 1; row > 0; row--) await page.PressAsync("ArrowUp");
            Assert.StartsWith(result.SiteName, await page.SaidAsync(), StringComparison.Ordinal);
            if (number == 0) Reads(await page.SaidAsync(), result, layers - 1, 0);
        }
        await page.PressAsync("ArrowRight");
        Reads(await page.SaidAsync(), results[^1], 3, 0);
        page.IsQuiet();

        static void Reads(string said, SweepResult result, int layer, int row)
        {
            var cell = layer * result.Shape[1] + row;
            string[] wanted =
            [
                $"position {row}; layer {layer}; ", FormattableString.Invariant($"score {result.NormalisedScore[cell]:0.0000} (target_logit)"),
                FormattableString.Invariant($"logit of \" Isaac\": {result.CleanTarget[cell]:0.0000}"),
            ];
            Assert.All(wanted, part => Assert.Contains(part, said, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task The_label_stands_at_the_cell_that_is_read()
    {
        Heatmaps.Draw(SampleResults.Small(), SampleResults.Small(site: Activation.MlpOut)).WriteHtml(folder.File("a.html"));
        await using var page = await OpenAsync();
        foreach (var key in (string[])["ArrowDown", "ArrowDown", "ArrowRight", "PageDown", "End"]) await page.PressAsync(key);
        var lines = await page.HoverAsync("layer 6");
        Assert.Equal($"mlp_out; {string.Join("; ", lines)}", await page.SaidAsync());
        await page.PhotographAsync("keyboard");
        await page.PressAsync("Escape");
        page.IsQuiet();
    }

    [Fact]
    public async Task A_page_without_a_theme_is_dark_where_the_system_is_and_follows_it()
    {
        SampleCharts.Of("one").WriteHtml(folder.File("a.html"));
        await using var page = await OpenAsync(ColorScheme.Dark);
        Assert.Equal(("rgb(232, 232, 232)", "rgb(31, 31, 31)"), await page.ColoursAroundAsync());
        await page.TurnAsync(ColorScheme.Light, "rgb(34, 34, 34)");
        Assert.Equal("rgb(255, 255, 255)", (await page.ColoursAroundAsync()).Paper);
        page.IsQuiet();
    }

    [Fact]
    public async Task A_page_with_a_theme_keeps_it()
    {
        Heatmap.Draw(SampleResults.Small(), new() { Theme = Theme.Light }).WriteHtml(folder.File("a.html"));
        await using var page = await OpenAsync(ColorScheme.Dark);
        Assert.Equal(("rgb(34, 34, 34)", "rgb(255, 255, 255)"), await page.ColoursAroundAsync());
        Assert.Equal("rgb(255, 255, 255)", await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
    }

    public void Dispose() => folder.Dispose();

    // A table has them, or a line says where they are.
    private static async Task HasEveryValueAsync(OpenPage page)
    {
        var (tables, cells) = (await page.EvaluateAsync<int>("document.querySelectorAll('details table').length"), await page.EvaluateAsync<int>("document.querySelectorAll('details td').length"));
        var values = await page.EvaluateAsync<int>(
            """
            document.querySelector('.js-plotly-plot').data.flatMap(trace => trace.meta ? [trace.meta].flat().filter(value => typeof value === 'number')
              : trace.mode === 'lines' && trace.showlegend !== false ? [] : trace.mode === 'markers' ? [...trace.x, ...trace.y] : trace.z ? trace.z.flat() : trace.type === 'bar' ? [...trace.x, ...trace.text]
              : trace.line.dash && trace.customdata[0][1] !== null ? trace.customdata.flat() : trace.y).length
            """); // the interval of a broken line isn't drawn
        if (values > 4000) Assert.Contains("too many for a table", await page.EvaluateAsync<string>("document.querySelector('details p').textContent"), StringComparison.Ordinal);
        else Assert.Equal(values, cells);
        Assert.Equal(values > 4000, tables == 0);
    }

    private async Task<OpenPage> OpenAsync(ColorScheme scheme = ColorScheme.Light, int width = 1000)
    {
        var page = await chromium.OpenAsync(folder.File("a.html"), scheme, width);
        await page.HasChartsAsync(1);
        return page;
    }
}
