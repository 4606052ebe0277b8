using System.Text.Json.Nodes;
using PatchKernel.Tests.Browser;

namespace PatchKernel.Tests.Notebooks;

/// <summary>A reader's own Plotly.NET charts, in the kernel as a user has it and in the runner's pages.</summary>
[Collection(nameof(Chromium))]
public sealed class OwnChartTests(Chromium chromium) : IDisposable
{
    private const string Line = "Chart.Line<int, double, string>(x: new[] { 0, 1, 2 }, y: new[] { 0.1, 0.5, 1 }, Name: \"mine\")";
    private const string Restyled = "Heatmap.Draw(Sweep.Run(model, pair, new SweepOptions())).ToPlotly().WithTitle(\"Mine\").WithXAxisStyle<int, int, string>(TitleText: \"Depth\")";
    private const string Using = "using Plotly.NET.CSharp;\n";

    private readonly TemporaryFolder folder = new();

    [Fact]
    public async Task A_cell_that_ends_with_one_shows_it_without_a_network()
    {
        using var kernel = await RealKernel.StartAsync(TestData.InRepository("notebooks"));
        var start = await ShownAsync(kernel, $"{Notebook.Setup}\nNotebook.Start()");
        var own = await ShownAsync(kernel, Using + Line);
        Assert.Contains("\"name\":\"mine\"", Assert.Single(ChartHtml.FiguresIn(own)), StringComparison.Ordinal);
        File.WriteAllText(folder.File("a.html"), $"<!DOCTYPE html><meta charset=utf-8>{own}{start}");
        await using var page = await chromium.OpenAsync(folder.File("a.html"));
        await page.HasChartsAsync(1);
        page.IsQuiet();
    }

    [Fact]
    public async Task A_chart_of_the_librarys_can_be_restyled_in_a_cell()
    {
        using var kernel = await RealKernel.StartAsync(TestData.InRepository("notebooks"));
        await ShownAsync(kernel, $"{Notebook.Setup}\nNotebook.Start()");
        Assert.Equal("CommandSucceeded", (string?)(await kernel.SubmitAsync(Notebook.Load))["eventType"]);
        var layout = JsonNode.Parse(ChartHtml.FiguresIn(await ShownAsync(kernel, Using + Restyled)).Single())!["layout"]!;
        Assert.Equal("Depth", (string?)layout["xaxis"]!["title"]!["text"]);
        Assert.Equal(["0", "1", "2"], layout["xaxis"]!["ticktext"]!.AsArray().Select(tick => (string?)tick));
        Assert.Equal(("Mine", "container"), ((string?)layout["title"]!["text"], (string?)layout["title"]!["xref"]));
    }

    [Fact]
    public async Task The_runners_page_draws_both()
    {
        var path = Notebook.Write(folder, "own.dib", $"{Notebook.Setup}\nNotebook.Start()", Notebook.Load, Using + Line, Restyled);
        (await Programs.RunBuiltAsync("PatchKernel.Notebooks", folder.Path, [], "run", path, "--out", folder.Path)).Success();
        await using var page = await chromium.OpenAsync(folder.File("own.html"));
        await page.HasChartsAsync(2);
        // A chart with a size of its own is left alone once it is drawn.
        Assert.Equal(0, await page.EvaluateAsync<int>(
            """
            new Promise(done => {
              let calls = 0, frames = 0;
              const resize = Plotly.Plots.resize;
              Plotly.Plots.resize = place => { calls++; return resize(place); };
              (function next() { if (++frames > 40) done(calls); else requestAnimationFrame(next); })();
            })
            """));
        page.IsQuiet();
    }

    public void Dispose() => folder.Dispose();

    private static async Task<string> ShownAsync(RealKernel kernel, string code)
    {
        var happened = await kernel.EventAsync(kernel.Submit(code), "ReturnValueProduced", "CommandFailed");
        Assert.True((string?)happened["eventType"] == "ReturnValueProduced", happened.ToJsonString());
        return happened["event"]!["formattedValues"]!.AsArray().Where(value => (string?)value!["mimeType"] == "text/html").Select(value => (string)value!["value"]!).Single();
    }
}
