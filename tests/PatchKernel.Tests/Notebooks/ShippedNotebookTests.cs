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

    [Fact]
    public async Task The_notebooks_lead_from_each_to_the_next_as_pages_and_as_notebooks()
    {
        string[] names = [.. ConvertTests.Shipped.Select(row => row.Data)];
        foreach (var (name, next) in names.Zip(names.Skip(1)))
        {
            Assert.Contains($"href=\"{Path.ChangeExtension(next, ".html")}\"", File.ReadAllText(await runs.OfAsync(name, ".html")), StringComparison.Ordinal);
            Assert.Contains($"]({Path.ChangeExtension(next, ".ipynb")})", File.ReadAllText(await runs.OfAsync(name, ".ipynb")), StringComparison.Ordinal);
        }
    }
}
