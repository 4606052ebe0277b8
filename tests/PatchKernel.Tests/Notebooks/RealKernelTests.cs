using System.Text.Json.Nodes;

namespace PatchKernel.Tests.Notebooks;

/// <summary>The notebooks as they lie in the repository, in the kernel as a user has it, by Jupyter.</summary>
public sealed class RealKernelTests(ShippedRuns runs)
{
    [Theory]
    [MemberData(nameof(ConvertTests.Shipped), MemberType = typeof(ConvertTests))]
    public async Task Jupyter_runs_a_shipped_notebook_without_an_error_and_with_the_stored_charts(string name)
    {
        var outputs = Outputs(await runs.InJupyterAsync(name));
        Assert.DoesNotContain(outputs, output => (string?)output["output_type"] == "error" || (string?)output["name"] == "stderr");

        var (stored, fresh) = (Figures(Outputs(TestData.InRepository("notebooks", Path.ChangeExtension(name, ".ipynb")))), Figures(outputs));
        Assert.NotEmpty(stored);
        Assert.Equal(stored.Count, fresh.Count);
        foreach (var (before, now) in stored.Zip(fresh)) StoredNotebookTests.SameText(before, now, name);
    }

    private static List<JsonNode> Outputs(string path) =>
        [.. JsonNode.Parse(File.ReadAllText(path))!["cells"]!.AsArray().SelectMany(cell => cell!["outputs"]?.AsArray() ?? []).Select(output => output!)];

    private static List<string> Figures(List<JsonNode> outputs) =>
        [.. outputs.Select(output => output["data"]?["text/html"]).OfType<JsonNode>().SelectMany(html => ChartHtml.FiguresIn(Text(html)))];

    private static string Text(JsonNode html) => html is JsonArray lines ? string.Concat(lines.Select(line => (string?)line)) : (string)html!;
}
