using System.Text.Json;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace PatchKernel.Tests.Browser;

/// <summary>A page as a reader sees it, and what it asked for and complained of.</summary>
public sealed class OpenPage : IAsyncDisposable
{
    private readonly IBrowserContext context;
    private readonly IPage page;
    private readonly string address;
    private readonly List<string> requests = [];
    private readonly List<string> complaints = [];

    private OpenPage(IBrowserContext context, IPage page, string path)
    {
        (this.context, this.page, address) = (context, page, new Uri(path).AbsoluteUri);
        page.Request += (_, request) => requests.Add(request.Url);
        page.PageError += (_, error) => complaints.Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") complaints.Add(message.Text);
        };
    }

    /// <summary>Opens a file and waits until it is loaded.</summary>
    public static async Task<OpenPage> OfAsync(IBrowserContext context, string path)
    {
        var opened = new OpenPage(context, await context.NewPageAsync(), path);
        await opened.page.GotoAsync(opened.address);
        return opened;
    }

    /// <summary>Charts that stand drawn.</summary>
    public ILocator Charts => page.Locator(".js-plotly-plot").Filter(new() { Has = page.Locator(".main-svg .infolayer .g-gtitle") });

    /// <summary>Waits until so many charts stand drawn, none more.</summary>
    public Task HasChartsAsync(int count) => Assertions.Expect(Charts).ToHaveCountAsync(count);

    /// <summary>Charts that are pictures still.</summary>
    public ILocator Pictures => page.Locator("div[data-patchkernel=chart] > img");

    /// <summary>Whether a picture has come out, and isn't the browser's sign of a broken one.</summary>
    public static Task<bool> IsShownAsync(ILocator picture) => picture.EvaluateAsync<bool>("image => image.complete && image.naturalWidth > 0");

    /// <summary>Fails unless the page asked for nothing but itself and complained of nothing.</summary>
    public void IsQuiet()
    {
        Assert.True(complaints.Count == 0, string.Join('\n', complaints));
        Assert.Equal([address], requests);
    }

    /// <summary>A heatmap's colours as they are drawn, by row and column, the topmost row first.</summary>
    /// <param name="panel">Which heatmap of the page.</param>
    public async Task<int[][][]> ColoursAsync(int panel = 0)
    {
        var image = page.Locator(".heatmaplayer image").Nth(panel);
        await image.WaitForAsync();
        // Plotly draws a picture, of small cells with one pixel each.
        var json = await image.EvaluateAsync<string>(
            """
            async (element, panel) => {
              const picture = new Image();
              picture.src = element.href.baseVal;
              await picture.decode();
              const canvas = Object.assign(document.createElement("canvas"), { width: picture.naturalWidth, height: picture.naturalHeight });
              const context = canvas.getContext("2d");
              context.drawImage(picture, 0, 0);
              const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
              const { z } = element.closest(".js-plotly-plot").data[panel];
              const middle = (index, count, size) => Math.floor((index + 0.5) / count * size);
              const at = (row, column) => 4 * (middle(row, z.length, height) * width + middle(column, z[0].length, width));
              return JSON.stringify(z.map((cells, row) => cells.map((_, column) => Array.from(data.slice(at(row, column), at(row, column) + 3)))));
            }
            """, panel);
        return JsonSerializer.Deserialize<int[][][]>(json)!;
    }

    /// <summary>The lines that appear when the pointer is on a cell of the first chart's heatmap.</summary>
    public async Task<IReadOnlyList<string>> HoverAsync(int row, int column)
    {
        var at = await Charts.First.EvaluateAsync<float[]>(
            """
            (chart, [row, column]) => {
              chart.scrollIntoView({ block: "nearest" });
              const { left, top } = chart.querySelector(".nsewdrag").getBoundingClientRect();
              return [left + chart._fullLayout.xaxis.d2p(column), top + chart._fullLayout.yaxis.d2p(row)];
            }
            """, new[] { row, column });
        await page.Mouse.MoveAsync(at[0], at[1]);
        var lines = page.Locator(".hoverlayer .hovertext .nums tspan.line");
        await Assertions.Expect(lines.Nth(1)).ToHaveTextAsync($"layer {column}");
        return await lines.AllTextContentsAsync();
    }

    /// <summary>The lines that appear when the pointer is on the middle of one of the first chart's lines.</summary>
    public async Task<IReadOnlyList<string>> HoverOnLineAsync(string name)
    {
        var at = await Charts.First.EvaluateAsync<float[]>(
            """
            (chart, name) => {
              const trace = chart.data.find(one => one.name === name);
              const middle = Math.floor(trace.x.length / 2);
              const { left, top } = chart.querySelector(".nsewdrag").getBoundingClientRect();
              return [left + chart._fullLayout.xaxis.d2p(trace.x[middle]), top + chart._fullLayout.yaxis.d2p(trace.y[middle])];
            }
            """, name);
        await page.Mouse.MoveAsync(at[0], at[1]);
        return await HoverAsync(name);
    }

    /// <summary>Presses a key with the first chart's focus on it.</summary>
    public Task PressAsync(string key) => Charts.First.PressAsync(key);

    /// <summary>What a screen reader says of the cell that the keyboard is on.</summary>
    public async Task<string> SaidAsync() => (await page.Locator("[data-patchkernel=cell]").First.TextContentAsync())!.Replace('\u00a0', ' ');

    /// <summary>The lines of the label that is shown at a cell.</summary>
    public async Task<IReadOnlyList<string>> HoverAsync(string line)
    {
        var lines = page.Locator(".hoverlayer .hovertext .nums tspan.line");
        await Assertions.Expect(lines.Filter(new() { HasText = line }).First).ToBeVisibleAsync();
        return [.. (await lines.AllTextContentsAsync()).Select(text => text.Replace('\u00a0', ' '))];
    }

    /// <summary>What axe finds that keeps people out, one line each.</summary>
    public async Task<IReadOnlyList<string>> BarriersAsync() =>
        [.. (await page.RunAxe()).Violations.Where(found => found.Impact is "serious" or "critical")
            .Select(found => $"{found.Impact} {found.Id}: {string.Join(" | ", found.Nodes.Take(3).Select(node => node.Html))}")];

    /// <summary>Makes the window wider or narrower, and waits until the first chart has drawn itself again.</summary>
    public async Task ResizeAsync(int width)
    {
        await page.SetViewportSizeAsync(width, 1000);
        await page.WaitForFunctionAsync(
            "width => innerWidth === width && [...document.querySelectorAll('.js-plotly-plot')].every(chart => chart._fullLayout.width === chart.clientWidth)", width);
    }

    /// <summary>The system turns dark or light, and the first chart's title with it.</summary>
    public async Task TurnAsync(ColorScheme scheme, string ink)
    {
        await page.EmulateMediaAsync(new() { ColorScheme = scheme });
        await Assertions.Expect(Charts.First.Locator(".gtitle")).ToHaveCSSAsync("fill", ink);
    }

    /// <summary>A script's value.</summary>
    public Task<T> EvaluateAsync<T>(string script) => page.EvaluateAsync<T>(script);

    /// <summary>The colours of the first chart's title and ground, as CSS computes them.</summary>
    public async Task<(string Ink, string Paper)> ColoursAroundAsync()
    {
        var colours = await Charts.First.EvaluateAsync<string[]>(
            "chart => [getComputedStyle(chart.querySelector('.gtitle')).fill, getComputedStyle(chart.querySelector('.main-svg')).backgroundColor]");
        return (colours[0], colours[1]);
    }

    /// <summary>Where the labels of an axis stand on the page, left, top, right and bottom each, and the page's width.</summary>
    public async Task<(IReadOnlyList<float[]> Labels, float Width)> LabelsAsync(string axis)
    {
        var json = await page.Locator($".{axis}tick > text").EvaluateAllAsync<string>(
            "labels => JSON.stringify(labels.map(label => label.getBoundingClientRect()).map(box => [box.left, box.top, box.right, box.bottom]))");
        return (JsonSerializer.Deserialize<float[][]>(json)!, await page.EvaluateAsync<float>("document.documentElement.clientWidth"));
    }

    /// <summary>The whole page as a picture, where PATCHKERNEL_SCREENSHOTS names a folder for it.</summary>
    public async Task PhotographAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("PATCHKERNEL_SCREENSHOTS") is { Length: > 0 } folder)
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png"), FullPage = true });
    }

    public async ValueTask DisposeAsync() => await context.DisposeAsync();
}
