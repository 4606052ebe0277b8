using Microsoft.Playwright;

namespace PatchKernel.Tests.Browser;

/// <summary>What notebooks show, on pages that have rules of their own: the kernel's, and classic Jupyter's.</summary>
[Collection(nameof(Chromium))]
public sealed class HostStyleTests(Chromium chromium) : IDisposable
{
    // As the kernel writes them once any number has been shown.
    private const string Kernels = ".dni-treeview td{vertical-align:top;text-align:start}table td{text-align:start}table tr{vertical-align:top;margin:0 0}table th{text-align:start}";

    // From classic Jupyter's sheet.
    private const string Jupyters = "details,summary{display:block}table td,table th{vertical-align:middle;padding:.5em;line-height:normal}table{font-size:12px;margin:0 1em}";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("bare", "")]
    [InlineData("kernel", Kernels)]
    [InlineData("jupyter", Jupyters)]
    [InlineData("both", Jupyters + Kernels)]
    public async Task A_bar_is_level_with_the_text_of_its_row(string name, string style)
    {
        using var model = RandomModel.Create();
        await using var page = await OpenAsync(style, model.Predict(RandomModel.Pair.Clean).ToHtml());
        await page.PhotographAsync($"bars-{name}");
        var distances = await page.EvaluateAsync<float[]>(
            """
            () => [...document.querySelectorAll("tbody tr")].map(row => {
              const middle = box => (box.top + box.bottom) / 2;
              const text = document.createRange();
              text.selectNodeContents(row.lastElementChild);
              return middle(row.querySelector("div").getBoundingClientRect()) - middle(text.getBoundingClientRect());
            })
            """);
        Assert.NotEmpty(distances);
        Assert.All(distances, distance => Assert.InRange(distance, -1.5, 1.5));
    }

    [Fact]
    public async Task Classic_jupyter_shows_the_triangles_of_what_unfolds_in_outputs_and_in_texts()
    {
        using var model = RandomModel.Create();
        await using var page = await OpenAsync(Jupyters, model.ToHtml() + "<details><summary>What it shows</summary>text</details>" + Notebook.Start().ToHtml());
        await page.PhotographAsync("triangles");
        var shown = await page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('summary')].map(summary => getComputedStyle(summary).display)");
        Assert.True(shown.Length > 2);
        Assert.All(shown, display => Assert.Equal("list-item", display));
    }

    [Theory]
    [InlineData("start", "chart")]
    [InlineData("chart", "start")]
    [InlineData("amd", "chart", "start", "start")]
    public async Task A_notebooks_own_plotly_is_packed_and_draws_its_charts(params string[] parts)
    {
        var start = Notebook.Start().ToHtml();
        Assert.InRange(start.Length, 1_000_000, 1_500_000);
        var chart = Heatmap.Draw(SampleResults.Small()).ToHtml();
        await using var page = await OpenAsync("", string.Concat(parts.Select(part => part switch
        {
            "start" => start,
            "chart" => chart,
            _ => "<script>window.define=function(){throw new Error('taken for a module')};define.amd={}</script>",
        })));
        await page.HasChartsAsync(1);
        page.IsQuiet();
    }

    private Task<OpenPage> OpenAsync(string style, string html)
    {
        File.WriteAllText(folder.File("a.html"), $"<!DOCTYPE html><meta charset=utf-8><style>{style}</style>{html}");
        return chromium.OpenAsync(folder.File("a.html"), ColorScheme.Light);
    }
}
