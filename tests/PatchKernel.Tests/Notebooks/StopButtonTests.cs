using System.Text.Json.Nodes;

namespace PatchKernel.Tests.Notebooks;

/// <summary>The stop button of the kernel as a user has it: over standard streams as VS Code presses it, and by Jupyter.</summary>
public sealed class StopButtonTests(StopButtonTests.LoadedKernel loaded) : IClassFixture<StopButtonTests.LoadedKernel>, IDisposable
{
    // Thousands of cells of half a thousand tokens: minutes of work. No token is passed: the library finds the stop button.
    private const string LongSweep =
        """
        int[] ids = [.. Enumerable.Range(0, 500).Select(i => i % 200)], others = [7, .. ids[1..]];
        Console.WriteLine("started");
        Sweep.Run(model, PromptPair.FromIds(ids, others, 157, 3), new SweepOptions { Method = SweepMethod.Naive });
        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_cancel_command_ends_a_running_sweep_and_the_next_cell_works()
    {
        var kernel = await loaded.KernelAsync();
        var sweep = kernel.Submit(LongSweep);
        await kernel.EventAsync(sweep, "StandardOutputValueProduced");
        kernel.Send("Cancel", new { });
        Assert.Equal("CommandFailed", TypeOf(await kernel.EventAsync(sweep, "CommandSucceeded", "CommandFailed")));
        var next = kernel.Submit("Sweep.Run(model, pair, new SweepOptions()).ToString()");
        Assert.Contains("resid_post", (await kernel.EventAsync(next, "ReturnValueProduced", "CommandFailed")).ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Sweep.Run(model, PromptPair.FromIds(ids, others, 157, 3), new SweepOptions { Method = SweepMethod.Naive });")]
    [InlineData("while (true) Sweep.Run(model, pair);")]
    [InlineData("while (true) model.NextTokenLogits(ids);")]
    [InlineData("while (true) model.Predict(new Prompt(null, ids, null));")]
    [InlineData("while (true) model.RunWithCache(ids).Dispose();")]
    [InlineData("while (true) model.Forward(ids).Dispose();")]
    [InlineData("while (true) LogitLens.Run(model, pair);")]
    [InlineData("while (true) LanguageModel.Load(\"TINY\").Dispose();")]
    [InlineData("Parallel.For(0, 2, i => { while (true) Sweep.Run(model, pair); });")]
    public async Task The_cancel_command_ends_what_computes_without_a_token_and_nothing_goes_on(string work)
    {
        var kernel = await loaded.KernelAsync();
        Assert.Equal("CommandSucceeded", TypeOf(await kernel.SubmitAsync(
            "int[] ids = [.. Enumerable.Range(0, 500).Select(i => i % 200)], others = [7, .. ids[1..]]; var left = new TaskCompletionSource();")));
        var running = kernel.Submit($"Console.WriteLine(\"started\"); try {{ {work.Replace("TINY", CliRun.Tiny.Replace('\\', '/'))} }} finally {{ left.SetResult(); }}");
        await kernel.EventAsync(running, "StandardOutputValueProduced");
        kernel.Send("Cancel", new { });
        Assert.Equal("CommandFailed", TypeOf(await kernel.EventAsync(running, "CommandSucceeded", "CommandFailed")));
        // The kernel gives a cell up at once; the work itself must have ended too.
        Assert.Equal("CommandSucceeded", TypeOf(await kernel.SubmitAsync("await left.Task;")));
    }

    [Fact]
    public async Task The_bar_of_a_stopped_sweep_says_so()
    {
        var kernel = await loaded.KernelAsync();
        var sweep = kernel.Submit(LongSweep.Replace("SweepMethod.Naive }", "SweepMethod.Naive }, Notebook.Progress()", StringComparison.Ordinal));
        await kernel.EventAsync(sweep, "DisplayedValueProduced");
        kernel.Send("Cancel", new { });
        while (await kernel.EventAsync(sweep, "DisplayedValueUpdated", "CommandFailed") is var shown)
        {
            Assert.Equal("DisplayedValueUpdated", TypeOf(shown));
            if (shown.ToJsonString().Contains("Sweep: stopped after ", StringComparison.Ordinal)) return;
        }
    }

    [Fact]
    public async Task What_a_cell_left_running_goes_on_after_it()
    {
        var kernel = await loaded.KernelAsync();
        Assert.Equal("CommandSucceeded", TypeOf(await kernel.SubmitAsync(
            "var go = new TaskCompletionSource(); var later = Task.Run(async () => { await go.Task; return Sweep.Run(model, pair).ToString(); });")));
        Assert.Contains("resid_post", (await kernel.EventAsync(kernel.Submit("go.SetResult(); await later"), "ReturnValueProduced", "CommandFailed")).ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Jupyters_interrupt_ends_a_running_sweep_and_the_next_cell_works()
    {
        InstalledKernel.RequireTool();
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs signals");
        // Debian's packages belong to Debian's Python, whichever comes first in the path.
        var program = Jupyter.Program("jupyter-nbconvert");
        Assert.SkipUnless(program is not null && File.ReadLines(program).First().StartsWith("#!/", StringComparison.Ordinal), "needs Jupyter's nbconvert and client");
        var python = File.ReadLines(program!).First()[2..].Split(' ')[0];
        using var script = new StreamReader(GetType().Assembly.GetManifestResourceStream("interrupt.py")!);
        await File.WriteAllTextAsync(folder.File("interrupt.py"), await script.ReadToEndAsync());
        await Jupyter.RunAsync(TestData.InRepository("notebooks"), await InstalledKernel.EnvironmentAsync(), python, folder.File("interrupt.py"), $"{Notebook.JupyterStop}\n{Notebook.Setup}\n{Notebook.Load}", LongSweep, "Sweep.Run(model, pair, new SweepOptions()).ToString()");
    }

    private static string TypeOf(JsonNode happened) => (string)happened["eventType"]!;

    /// <summary>One kernel for all these tests, with a model and a pair: after each stop it has to go on working.</summary>
    public sealed class LoadedKernel : IDisposable
    {
        private RealKernel? kernel;

        /// <summary>The kernel; the test is skipped where the tool isn't restored.</summary>
        internal async Task<RealKernel> KernelAsync()
        {
            if (kernel is not null) return kernel;
            kernel = await RealKernel.StartAsync(TestData.InRepository("notebooks"));
            Assert.Equal("CommandSucceeded", TypeOf(await kernel.SubmitAsync(Notebook.Setup)));
            Assert.Equal("CommandSucceeded", TypeOf(await kernel.SubmitAsync(Notebook.Load)));
            return kernel;
        }

        public void Dispose() => kernel?.Dispose();
    }
}
