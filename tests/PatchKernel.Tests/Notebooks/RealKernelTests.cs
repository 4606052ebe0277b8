using System.Text.Json.Nodes;

namespace PatchKernel.Tests.Notebooks;

/// <summary>The notebooks as they lie in the repository, in the kernel as a user has it, by Jupyter.</summary>
public sealed class RealKernelTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [MemberData(nameof(ConvertTests.Shipped), MemberType = typeof(ConvertTests))]
    public async Task Jupyter_runs_a_shipped_notebook_without_an_error_and_with_the_stored_charts(string name)
    {
        RealKernel.RequireTool();
        Assert.SkipUnless(Jupyter.Program("jupyter-nbconvert") is not null, "needs Jupyter's nbconvert");
        var path = Notebook.Shipped(folder, Path.ChangeExtension(name, ".ipynb"));
        var notebooks = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder.File("kernels"));
        await RunAsync(notebooks, "dotnet", "interactive", "jupyter", "install", "--path", folder.File("kernels"));
        await RunAsync(notebooks, "jupyter-nbconvert", "--to", "notebook", "--execute", path, "--output-dir", folder.Path, "--output", "jupyter.ipynb");
        var outputs = Outputs(folder.File("jupyter.ipynb"));
        Assert.DoesNotContain(outputs, output => (string?)output["output_type"] == "error" || (string?)output["name"] == "stderr");

        var (stored, fresh) = (Figures(Outputs(path)), Figures(outputs));
        Assert.NotEmpty(stored);
        Assert.Equal(stored.Count, fresh.Count);
        foreach (var (before, now) in stored.Zip(fresh)) StoredNotebookTests.SameText(before, now, name);
    }

    public void Dispose() => folder.Dispose();

    private Task RunAsync(string directory, params string[] line) => Jupyter.RunAsync(directory, [("JUPYTER_PATH", folder.Path)], line);

    private static List<JsonNode> Outputs(string path) =>
        [.. JsonNode.Parse(File.ReadAllText(path))!["cells"]!.AsArray().SelectMany(cell => cell!["outputs"]?.AsArray() ?? []).Select(output => output!)];

    private static List<string> Figures(List<JsonNode> outputs) =>
        [.. outputs.Select(output => output["data"]?["text/html"]).OfType<JsonNode>().SelectMany(html => ChartHtml.FiguresIn(Text(html)))];

    private static string Text(JsonNode html) => html is JsonArray lines ? string.Concat(lines.Select(line => (string?)line)) : (string)html!;
}
