extern alias runner;

using Microsoft.DotNet.Interactive.Documents;
using runner::PatchKernel.Notebooks;

namespace PatchKernel.Tests.Notebooks;

/// <summary>One notebook's kernel: whatever a cell does, the next one works.</summary>
[Collection(nameof(WorkingDirectory))]
public sealed class KernelTests : IDisposable
{
    // Thousands of cells of half a thousand tokens: minutes of work.
    private const string LongSweep =
        """
        int[] ids = [.. Enumerable.Range(0, 500).Select(i => i % 200)], others = [7, .. ids[1..]];
        Sweep.Run(model, PromptPair.FromIds(ids, others, 157, 3), new SweepOptions { Method = SweepMethod.Naive });
        """;

    private readonly TemporaryFolder folder = new();
    private readonly NotebookKernel kernel;

    public KernelTests() => kernel = new(folder.Path);

    [Theory]
    [InlineData("throw new Exception(\"boom\");", "Exception: boom")]
    [InlineData("nonsense", "CS0103")]
    [InlineData("LanguageModel.Load(\"nowhere\")", "There is no model folder 'nowhere'; give a folder, a .gguf file, or a name on the hub, org/name.")]
    [InlineData("Sweep.Run(model, PromptPair.FromIds([1, 2, 3], [1, 2], 157, 3), new SweepOptions())", "3")]
    public async Task After_a_cell_that_fails_the_next_one_works(string code, string expected)
    {
        Assert.Null(await RunAsync(Notebook.Setup));
        Assert.Null(await RunAsync(Notebook.Load));
        Assert.Contains(expected, (await RunAsync(code))?.Message, StringComparison.Ordinal);
        Assert.Null(await RunAsync(Notebook.Sweep));
    }

    [Fact]
    public async Task After_a_stopped_sweep_the_next_cell_works()
    {
        Assert.Null(await RunAsync(Notebook.Setup));
        Assert.Null(await RunAsync(Notebook.Load));
        using var stop = new CancellationTokenSource();
        var started = "Console.Write(\"started\");\n";
        var error = await kernel.RunAsync(new(started + LongSweep, "csharp"), _ => stop.Cancel(), stop.Token);
        Assert.Equal(CellError.OfStop, error);
        Assert.Null(await RunAsync(Notebook.Sweep));
    }

    [Fact]
    public async Task A_cell_runs_in_the_notebooks_folder()
    {
        File.WriteAllText(folder.File("beside.txt"), "found");
        var cell = new InteractiveDocumentElement("Console.Write(System.IO.File.ReadAllText(\"beside.txt\"));", "csharp");
        Assert.Null(await kernel.RunAsync(cell, null, CancellationToken.None));
        Assert.Equal("found", Assert.IsType<TextElement>(Assert.Single(cell.Outputs)).Text);
    }

    [Theory]
    [InlineData("var several = pair with { CleanTargets = [new(157, null), new(82, null)] };\nHeatmap.Draw(Sweep.Run(model, several, new SweepOptions { Metric = Metric.LogitDiff.LogSumExp() }))")]
    [InlineData("Heatmap.Draw(Sweep.Run(model, pair, new SweepOptions { Metrics = [Metric.TargetLogit, Metric.Kl] }), new() { Metric = Metric.Kl, Raw = true })")]
    [InlineData("Heatmap.Draw(Sweep.Run(model, pair, new SweepOptions { Metric = new Metric(\"margin\", \"target less mean\", m => m.AtClean(m.Logits) - m.Logits.Tensor.mean([1])) }))")]
    public async Task A_cell_measures_by_any_metric(string code)
    {
        Assert.Null(await RunAsync(Notebook.Setup));
        Assert.Null(await RunAsync(Notebook.Load));
        var cell = new InteractiveDocumentElement(code, "csharp");
        Assert.Null(await kernel.RunAsync(cell, null, CancellationToken.None));
        Assert.Contains("patchkernelDraw(", string.Concat(cell.Outputs.OfType<ReturnValueElement>().SelectMany(output => output.Data.Values)), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        kernel.Dispose();
        folder.Dispose();
    }

    private Task<CellError?> RunAsync(string code) => kernel.RunAsync(new(code, "csharp"), null, CancellationToken.None);
}
