using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace PatchKernel.Tests.Notebooks;

/// <summary>The notebooks in the kernel as a user has it, by Jupyter, and by the runner beside it.</summary>
[Collection(nameof(WorkingDirectory))]
public sealed partial class RealKernelTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [MemberData(nameof(ConvertTests.Shipped), MemberType = typeof(ConvertTests))]
    public async Task Jupyter_runs_a_shipped_notebook_without_an_error_and_with_the_runners_charts(string name)
    {
        RealKernel.RequireTool();
        Assert.SkipUnless(Jupyter.Program("jupyter-nbconvert") is not null, "needs Jupyter's nbconvert");
        var source = Notebook.Shipped(folder, name);
        var (notebooks, path) = (Path.GetDirectoryName(source)!, Path.ChangeExtension(source, ".ipynb"));
        Notebook.Run("convert", source, path).Success();
        Directory.CreateDirectory(folder.File("kernels"));
        await RunAsync(notebooks, "dotnet", "interactive", "jupyter", "install", "--path", folder.File("kernels"));
        await RunAsync(notebooks, "jupyter-nbconvert", "--to", "notebook", "--execute", path, "--output-dir", folder.Path, "--output", "jupyter.ipynb");
        var outputs = Outputs(folder.File("jupyter.ipynb"));
        Assert.DoesNotContain(outputs, output => (string?)output["output_type"] == "error" || (string?)output["name"] == "stderr");

        Notebook.Run("run", path, "--out", folder.Path).Success();
        var ours = Outputs(folder.File(Path.GetFileName(path))).SelectMany(Figures).ToList();
        Assert.NotEmpty(ours);
        Assert.Equal(ours, outputs.SelectMany(Figures));
    }

    public void Dispose() => folder.Dispose();

    private Task RunAsync(string directory, params string[] line) => Jupyter.RunAsync(directory, [("JUPYTER_PATH", folder.Path)], line);

    private static List<JsonNode> Outputs(string path) =>
        [.. JsonNode.Parse(File.ReadAllText(path))!["cells"]!.AsArray().SelectMany(cell => cell!["outputs"]?.AsArray() ?? []).Select(output => output!)];

    // Whatever a chart's element is called, its data are the argument of one assignment.
    private static IEnumerable<string> Figures(JsonNode output)
    {
        if (output["data"]?["text/html"] is not { } html) return [];
        var text = html is JsonArray lines ? string.Concat(lines.Select(line => (string?)line)) : (string)html!;
        return Figure().Matches(text).Select(figure => JsonNode.Parse(figure.Groups[1].Value)!.ToJsonString());
    }

    [GeneratedRegex(@"var figure=(\{.*?\});(?:Plotly\.newPlot|function draw)")]
    private static partial Regex Figure();
}
