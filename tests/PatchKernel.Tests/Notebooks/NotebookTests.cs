using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.CSharp;
using Microsoft.DotNet.Interactive.Documents;
using Microsoft.DotNet.Interactive.Events;
using Microsoft.DotNet.Interactive.Formatting;

namespace PatchKernel.Tests.Notebooks;

/// <summary>Runs the notebooks' cells in the engine that VS Code's Polyglot Notebooks use.</summary>
[Collection(nameof(WorkingDirectory))]
public sealed class NotebookTests
{
    [Fact]
    public async Task Every_cell_runs_and_the_sweep_draws_its_heatmap()
    {
        var path = TestData.InRepository("notebooks", "01-activation-patching.dib");
        var values = new List<FormattedValue>();
        using var kernel = new CompositeKernel { new CSharpKernel() };
        kernel.DefaultKernelName = "csharp";
        using var folder = WorkingDirectory.Enter(Path.GetDirectoryName(path)!);
        foreach (var code in await CodeCells(path))
        {
            var run = await kernel.SendAsync(new SubmitCode(code.Replace("/Release/", $"/{Configuration}/", StringComparison.Ordinal)));
            var failure = run.Events.OfType<CommandFailed>().FirstOrDefault();
            Assert.True(failure is null, $"{failure?.Message}\n{code}");
            values.AddRange(run.Events.OfType<ReturnValueProduced>().SelectMany(value => value.FormattedValues));
        }
        Assert.Contains(values, value => value.Value.Contains("LlamaForCausalLM", StringComparison.Ordinal));
        Assert.Equal(2, values.Count(value => value.MimeType == "text/html" && value.Value.Contains("Plotly.newPlot", StringComparison.Ordinal)));
    }

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    private static async Task<IEnumerable<string>> CodeCells(string path)
    {
        var kernels = new KernelInfoCollection { new("csharp") };
        var document = await InteractiveDocument.LoadAsync(new FileInfo(path), kernels);
        return document.Elements.Where(cell => cell.KernelName == "csharp").Select(cell => cell.Contents);
    }
}

/// <summary>A notebook's <c>#r</c> is relative to the process's working directory, so tests that move it run alone.</summary>
[CollectionDefinition(nameof(WorkingDirectory), DisableParallelization = true)]
public sealed class WorkingDirectory : IDisposable
{
    private readonly string before = Environment.CurrentDirectory;

    public static WorkingDirectory Enter(string folder)
    {
        var entered = new WorkingDirectory();
        Environment.CurrentDirectory = folder;
        return entered;
    }

    public void Dispose() => Environment.CurrentDirectory = before;
}
