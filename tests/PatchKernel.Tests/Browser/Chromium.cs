using Microsoft.Playwright;

namespace PatchKernel.Tests.Browser;

/// <summary>An installed Chromium without a window, one for all tests that look at pages; nothing is downloaded.</summary>
[CollectionDefinition(nameof(Chromium))]
public sealed class Chromium : IAsyncLifetime, ICollectionFixture<Chromium>
{
    // Chromium's own calls home; and there is no sandbox for root, nor a graphics card.
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
    ];

    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    private IPlaywright? playwright;
    private IBrowser? browser;

    public async ValueTask InitializeAsync()
    {
        if (Program() is not { } program) return;
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = program, Args = Arguments, Headless = true });
    }

    /// <summary>Opens a file with the network cut; the test is skipped where there is no browser.</summary>
    public async Task<OpenPage> OpenAsync(string path, ColorScheme scheme = ColorScheme.Light, int width = 1100)
    {
        Assert.SkipWhen(browser is null, "needs Chromium: apt-get install chromium");
        var context = await browser.NewContextAsync(new() { Offline = true, ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 1000 } });
        return await OpenPage.OfAsync(context, path);
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null) await browser.DisposeAsync();
        playwright?.Dispose();
    }

    private static string? Program() =>
        (from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
         from name in Names
         select Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
