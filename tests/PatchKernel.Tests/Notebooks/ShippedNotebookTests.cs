using System.Text.Json.Nodes;

namespace PatchKernel.Tests.Notebooks;

/// <summary>The notebooks of the repository, by the runner.</summary>
public sealed class ShippedNotebookTests(ShippedRuns runs)
{
    [Theory]
    [MemberData(nameof(ConvertTests.Shipped), MemberType = typeof(ConvertTests))]
    public async Task A_shipped_notebook_runs_to_its_end(string name)
    {
        var cells = JsonNode.Parse(File.ReadAllText(await runs.OfAsync(name, ".ipynb")))!["cells"]!.AsArray();
        Assert.All(cells.Where(cell => (string?)cell!["cell_type"] == "code"), cell => Assert.NotNull(cell!["execution_count"]));
        Assert.Contains("patchkernelDraw(\"", File.ReadAllText(await runs.OfAsync(name, ".html")), StringComparison.Ordinal);
    }
}
