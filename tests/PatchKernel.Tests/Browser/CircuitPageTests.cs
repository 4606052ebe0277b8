using Microsoft.Playwright;

namespace PatchKernel.Tests.Browser;

/// <summary>A circuit's page: what is written in its boxes, and what the pointer shows.</summary>
[Collection(nameof(Chromium))]
public sealed class CircuitPageTests(Chromium chromium) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("circuit", 1600, @"^(L\d+\.(h\d+|mlp)|embed|logits|[qkv])$")]
    [InlineData("circuit", 700, @"^(h\d+|mlp|embed|logits|[qkv])$")]
    [InlineData("circuit", 390, @"^(\d+|m|embed|logits)$")]
    [InlineData("circuit-mini", 1600, @"^(L\d+\.(h\d+|mlp)|embed|logits|q|[kv]\d)$")]
    [InlineData("circuit-mini", 390, @"^(h\d+|mlp|embed|logits|L\d+\.(h\d+|mlp)|q|[kv]\d)$")]
    public async Task What_is_written_lies_in_its_box_and_over_nothing_else(string name, int width, string wanted)
    {
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await using var page = await OpenAsync(name, width, scheme);
            await page.PhotographAsync($"{name}-{width}-{scheme}");
            var boxes = await RenderedBoxes.OfAsync(page);
            boxes.AreApart();
            Assert.NotEmpty(boxes.Of("inside"));
            Assert.All(boxes.Of("inside"), label => Assert.Matches(wanted, label.Text));
            Assert.All(boxes.Of("inside"), label => Assert.Contains(boxes.Of("shape"), box => box.Left <= label.Left + 1 && box.Right >= label.Right - 1 && box.Top <= label.Top + 4 && box.Bottom >= label.Bottom - 4));
            Assert.Equal(width, await page.EvaluateAsync<int>("Math.max(document.documentElement.scrollWidth, innerWidth)"));
            page.IsQuiet();
        }
    }

    [Fact]
    public async Task The_pointer_on_an_edge_shows_sender_receiver_and_score()
    {
        ScoredEdge[] edges = [new(new("embed", "L2.q.3"), 0.5f, 0.25f), new(new("L0.mlp", "logits"), -0.125f)];
        CircuitChart.Draw(SampleCircuits.Mini, edges).WriteHtml(folder.File("a.html"));
        await using var page = await chromium.OpenAsync(folder.File("a.html"), width: 1600);
        await page.HasChartsAsync(1);
        Assert.Equal(["embed → L2.q.3", "score 0.5000", "exact 0.2500"], await page.HoverOnLineAsync("embed → L2.q.3"));
        Assert.Equal(["L0.mlp → logits", "score -0.1250"], await page.HoverOnLineAsync("L0.mlp → logits"));
        page.IsQuiet();
    }

    private async Task<OpenPage> OpenAsync(string name, int width, ColorScheme scheme)
    {
        SampleCharts.Of(name).WriteHtml(folder.File("a.html"));
        var page = await chromium.OpenAsync(folder.File("a.html"), scheme, width);
        await page.HasChartsAsync(1);
        return page;
    }
}
