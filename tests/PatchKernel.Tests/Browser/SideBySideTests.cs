namespace PatchKernel.Tests.Browser;

/// <summary>Charts of several panels on pages of several widths: nothing lies over anything else.</summary>
[Collection(nameof(Chromium))]
public sealed class SideBySideTests(Chromium chromium) : IDisposable
{
    private static readonly int[] Widths = [1600, 1000, 700, 400];
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Names => [.. SampleCharts.Names];

    [Theory, MemberData(nameof(Names))]
    public async Task Nothing_lies_over_anything_else(string name)
    {
        await using var page = await OpenAsync(SampleCharts.Of(name), Widths[0]);
        foreach (var width in Widths)
        {
            await page.ResizeAsync(width);
            await page.PhotographAsync($"chart-{name}-{width}");
            var boxes = await RenderedBoxes.OfAsync(page);
            boxes.AreApart();
            Assert.NotEmpty(boxes.Of("data"));
            Assert.NotEmpty(boxes.Of("label"));
            Assert.All(boxes.Of("data"), data => Assert.True(data.Right - data.Left >= 90, $"{data}"));
            Assert.Equal(width, await page.EvaluateAsync<int>("Math.max(document.documentElement.scrollWidth, innerWidth)"));
        }
        page.IsQuiet();
    }

    [Theory]
    [InlineData(1000, 1)]
    [InlineData(700, 2)]
    [InlineData(400, 3)]
    public async Task Rows_are_named_once_and_labelled_in_each_row_of_panels(int width, int rows)
    {
        await using var page = await OpenAsync(SampleCharts.Of("three-long"), width);
        var boxes = await RenderedBoxes.OfAsync(page);
        Assert.Single(boxes.Of("title"), title => title.Text == "Token of the clean prompt");
        Assert.Equal(8 * rows, boxes.Of("label").Count(label => label.Text.StartsWith('"')));
        Assert.Equal(rows, boxes.Of("data").Select(data => Math.Round(data.Top)).Distinct().Count());
        Assert.Single(boxes.Of("bar").GroupBy(bar => bar.Left));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(400)]
    public async Task The_colours_title_stands_under_them(int width)
    {
        await using var page = await OpenAsync(SampleCharts.Of("one"), width);
        var boxes = await RenderedBoxes.OfAsync(page);
        Assert.True(Assert.Single(boxes.Of("name")).Top >= boxes.Of("bar").Max(bar => bar.Bottom) - 1);
    }

    [Fact]
    public async Task A_window_that_gets_narrower_draws_the_chart_as_one_that_was_narrow()
    {
        await using var narrow = await OpenAsync(SampleCharts.Of("three-long"), 400);
        var wanted = await RenderedBoxes.OfAsync(narrow);
        await using var page = await OpenAsync(SampleCharts.Of("three-long"), 1000);
        var wide = await RenderedBoxes.OfAsync(page);
        await page.ResizeAsync(400);
        Assert.Equal(wanted.Of("data"), (await RenderedBoxes.OfAsync(page)).Of("data"));
        await page.ResizeAsync(1000);
        Assert.Equal(wide.Of("data"), (await RenderedBoxes.OfAsync(page)).Of("data"));
    }

    [Theory]
    [InlineData(20, "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19")]
    [InlineData(21, "0 5 10 15 20")]
    public async Task Each_of_twenty_layers_is_labelled_and_every_fifth_of_more(int layers, string labels)
    {
        await using var page = await OpenAsync(Heatmap.Draw(SampleResults.Small(layers: layers)), 1000);
        var boxes = await RenderedBoxes.OfAsync(page);
        Assert.Equal(labels, string.Join(' ', boxes.Of("label").Select(label => label.Text).Where(text => !text.StartsWith('"'))));
    }

    public void Dispose() => folder.Dispose();

    private async Task<OpenPage> OpenAsync(ResultChart chart, int width)
    {
        chart.WriteHtml(folder.File("a.html"));
        var page = await chromium.OpenAsync(folder.File("a.html"), width: width);
        await page.HasChartsAsync(1);
        return page;
    }
}
