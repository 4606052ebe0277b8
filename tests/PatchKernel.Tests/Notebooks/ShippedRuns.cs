using PatchKernel.Tests.Notebooks;

[assembly: AssemblyFixture(typeof(ShippedRuns))]

namespace PatchKernel.Tests.Notebooks;

/// <summary>The shipped notebooks as the runner and Jupyter write them, each run once for all tests.</summary>
public sealed class ShippedRuns : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Lazy<Task> runner;
    private readonly Lazy<Task> pages;
    private readonly Lazy<Task> jupyter;

    public ShippedRuns() => (runner, pages, jupyter) = (new(RunAsync), new(WritePagesAsync), new(ExecuteAsync));

    /// <summary>The path of the runner's .ipynb or .html, with outputs.</summary>
    public async Task<string> OfAsync(string name, string ending)
    {
        await runner.Value;
        return Path.Combine(folder.Path, "runner", Path.ChangeExtension(name, ending));
    }

    /// <summary>The page that Jupyter's nbconvert makes of the runner's .ipynb.</summary>
    public async Task<string> PageAsync(string name)
    {
        Jupyter.RequireNbconvert();
        await pages.Value;
        return Path.Combine(folder.Path, "pages", Path.ChangeExtension(name, ".html"));
    }

    /// <summary>The repository's .ipynb, run by Jupyter with the kernel as a user has it.</summary>
    public async Task<string> InJupyterAsync(string name)
    {
        InstalledKernel.RequireTool();
        Jupyter.RequireNbconvert();
        await jupyter.Value;
        return Path.Combine(folder.Path, "jupyter", Path.ChangeExtension(name, ".ipynb"));
    }

    public void Dispose() => folder.Dispose();

    private static IEnumerable<string> Names => ConvertTests.Shipped.Select(row => row.Data);

    private async Task RunAsync()
    {
        using var checkout = new TemporaryFolder();
        var paths = Names.Select(name => Notebook.Shipped(checkout, name)).ToArray();
        (await Programs.RunBuiltAsync("PatchKernel.Notebooks", checkout.Path, [], ["run", .. paths, "--out", folder.File("runner")])).Success();
    }

    private async Task WritePagesAsync()
    {
        await runner.Value;
        // Its own page loads RequireJS and MathJax from elsewhere unless told not to.
        await Jupyter.RunAsync(folder.Path, [], ["jupyter-nbconvert", "--to", "html", .. Directory.GetFiles(folder.File("runner"), "*.ipynb"),
            "--output-dir", folder.File("pages"), "--HTMLExporter.require_js_url=", "--HTMLExporter.mathjax_url="]);
    }

    private async Task ExecuteAsync()
    {
        using var checkout = new TemporaryFolder();
        var paths = Names.Select(name => Notebook.Shipped(checkout, Path.ChangeExtension(name, ".ipynb"))).ToArray();
        await Jupyter.RunAsync(Path.GetDirectoryName(paths[0])!, await InstalledKernel.EnvironmentAsync(), ["jupyter-nbconvert", "--to", "notebook", "--execute", .. paths, "--output-dir", folder.File("jupyter")]);
    }
}
