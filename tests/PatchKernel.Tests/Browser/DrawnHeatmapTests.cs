namespace PatchKernel.Tests.Browser;

/// <summary>Charts as a browser draws them.</summary>
[Collection(nameof(Chromium))]
public sealed class DrawnHeatmapTests(Chromium chromium) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public async Task Every_cell_is_drawn_in_its_place_in_its_colour()
    {
        var result = SampleResults.Small((layer, pos) => (13 * layer + 29 * pos) % 56 / 55f);
        var heatmap = Heatmap.Draw(result);
        await using var page = await OpenAsync(heatmap);
        var colours = await page.ColoursAsync();
        Assert.Equal(result.Pair.Clean.Length, colours.Length);
        for (var row = 0; row < colours.Length; row++)
        {
            Assert.Equal(heatmap.Layers, colours[row].Length);
            for (var layer = 0; layer < heatmap.Layers; layer++) Same(heatmap.Scale.ColourOf(heatmap.Score(layer, row), heatmap.Range), colours[row][layer], (row, layer));
        }
        page.IsQuiet();
    }

    [Fact]
    public async Task The_pointer_on_a_cell_shows_its_token_and_values()
    {
        var result = SampleResults.Small();
        await using var page = await OpenAsync(Heatmap.Draw(result));
        foreach (var (row, layer, place) in ((int, int, string)[])[
            (0, 0, "\"<|begin_of_text|>\", position 0"),
            (4, 3, "\" the\" (corrupt: \" an\"), position 4"),
            (5, 6, "\".\\n\", position 5"),
            (7, 2, "\"\\\"</script>&amp;\", position 7")])
        {
            var cell = layer * result.Pair.Clean.Length + row;
            Assert.Equal(
                [
                    place,
                    $"layer {layer}",
                    FormattableString.Invariant($"score {result.NormalisedScore[cell]:0.0000} (target_logit)"),
                    FormattableString.Invariant($"logit of \" Isaac\": {result.CleanTarget[cell]:0.0000}"),
                    FormattableString.Invariant($"logit of \" Michael\": {result.CorruptTarget[cell]:0.0000}"),
                ],
                (await page.HoverAsync(row, layer)).Select(line => line.Replace('\u00a0', ' ')));
        }
        page.IsQuiet();
    }

    [Fact]
    public async Task Eighty_layers_and_two_hundred_tokens_stay_readable()
    {
        var result = SampleResults.Large(80, 200);
        await using var page = await OpenAsync(Heatmap.Draw(result));
        await page.PhotographAsync("large");
        var colours = await page.ColoursAsync();
        Assert.Equal((200, 80), (colours.Length, colours[0].Length));
        var (rows, width) = await page.LabelsAsync("y");
        Assert.InRange(rows.Count, 20, 100);
        Assert.All(rows, label => Assert.InRange(label[0], 0, width));
        Apart(rows, from: 1, to: 3);
        var (columns, _) = await page.LabelsAsync("x");
        Assert.InRange(columns.Count, 8, 80);
        Apart(columns, from: 0, to: 2);
        Assert.StartsWith($"\"{result.Pair.Clean.Tokens![101]}\"", (await page.HoverAsync(101, 47))[0].Replace('\u00a0', ' '), StringComparison.Ordinal);
        page.IsQuiet();
    }

    [Fact]
    public async Task Three_grids_side_by_side_keep_their_order()
    {
        SweepResult[] results = [.. Enumerable.Range(0, 3).Select(i => SampleResults.Small((layer, pos) => (layer + pos) % 3 == i ? 1 : 0))];
        await using var page = await OpenAsync(Heatmaps.Draw(results));
        for (var i = 0; i < 3; i++)
            Same(i == 0 ? ColourScale.Purples.Stops[^1] : ColourScale.Purples.Stops[0], (await page.ColoursAsync(i))[0][0], (0, i));
        page.IsQuiet();
    }

    [Theory]
    [InlineData("plotly", "chart", "chart")]
    [InlineData("chart", "plotly", "chart")]
    [InlineData("chart", "chart", "plotly")]
    [InlineData("amd", "chart", "plotly", "chart", "plotly")]
    public async Task Charts_are_drawn_wherever_on_the_page_plotly_stands(params string[] parts)
    {
        await using var page = await OpenAsync(parts);
        await page.HasChartsAsync(2);
        Assert.Equal(0, await page.Pictures.CountAsync());
        page.IsQuiet();
    }

    [Fact]
    public async Task Without_plotly_a_chart_is_its_picture()
    {
        await using var page = await OpenAsync("chart");
        Assert.True(await OpenPage.IsShownAsync(page.Pictures));
        await page.HasChartsAsync(0);
        page.IsQuiet();
    }

    public void Dispose() => folder.Dispose();

    private async Task<OpenPage> OpenAsync(ResultChart chart)
    {
        chart.WriteHtml(folder.File("a.html"));
        var page = await chromium.OpenAsync(folder.File("a.html"));
        await page.HasChartsAsync(1);
        return page;
    }

    private Task<OpenPage> OpenAsync(params string[] parts)
    {
        File.WriteAllText(folder.File("a.html"), "<!DOCTYPE html><meta charset=utf-8>" + string.Concat(parts.Select(part => part switch
        {
            "plotly" => ChartPage.PlotlyScript,
            "amd" => "<script>window.define=function(){throw new Error('taken for a module')};define.amd={}</script>",
            _ => ChartHtml.WithoutPlotly(Heatmap.Draw(SampleResults.Small()).ToHtml()),
        })));
        return chromium.OpenAsync(folder.File("a.html"));
    }

    private static void Apart(IEnumerable<float[]> labels, int from, int to)
    {
        var sorted = labels.OrderBy(label => label[from]).ToList();
        // Boxes have air above and below the letters: half a pixel of it may be shared.
        Assert.All(sorted.Zip(sorted.Skip(1)), pair => Assert.True(pair.First[to] <= pair.Second[from] + 0.5f, $"{pair.First[to]} and {pair.Second[from]}"));
    }

    // Plotly interpolates colours by its own rounding.
    private static void Same(Rgb expected, int[] actual, (int, int) cell)
    {
        int[] wanted = [expected.R, expected.G, expected.B];
        Assert.True(wanted.Zip(actual).All(pair => Math.Abs(pair.First - pair.Second) <= 2), $"{cell}: {string.Join(' ', actual)}, not {string.Join(' ', wanted)}");
    }
}
