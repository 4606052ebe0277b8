using System.Text.Json.Nodes;

namespace PatchKernel.Tests.Notebooks;

/// <summary>The notebooks of the repository, by the runner.</summary>
[Collection(nameof(WorkingDirectory))]
public sealed class ShippedNotebookTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [MemberData(nameof(ConvertTests.Shipped), MemberType = typeof(ConvertTests))]
    public void A_shipped_notebook_runs_to_its_end(string name)
    {
        Notebook.Run("run", Notebook.Shipped(folder, name), "--out", folder.Path).Success();
        var cells = JsonNode.Parse(File.ReadAllText(folder.File(Path.ChangeExtension(name, ".ipynb"))))!["cells"]!.AsArray();
        Assert.All(cells.Where(cell => (string?)cell!["cell_type"] == "code"), cell => Assert.NotNull(cell!["execution_count"]));
        Assert.Contains("Plotly.newPlot", File.ReadAllText(folder.File(Path.ChangeExtension(name, ".html"))), StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();
}
