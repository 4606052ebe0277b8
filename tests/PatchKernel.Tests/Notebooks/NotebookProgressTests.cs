using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.CSharp;
using Microsoft.DotNet.Interactive.Events;

namespace PatchKernel.Tests.Notebooks;

/// <summary>Progress and the stop button in .NET Interactive's own engine.</summary>
[Collection(nameof(WorkingDirectory))]
public sealed class NotebookProgressTests : IDisposable
{
    private readonly CompositeKernel kernel = new() { new CSharpKernel() };

    public NotebookProgressTests() => kernel.DefaultKernelName = "csharp";

    public void Dispose() => kernel.Dispose();

    [Fact]
    public async Task Progress_arrives_as_updates_of_one_display()
    {
        var events = await Run("var bar = Notebook.Progress(); for (var done = 1; done <= 4; done++) bar.Report(new SweepProgress(done, 4));");
        var shown = Assert.Single(events.OfType<DisplayedValueProduced>());
        var updates = events.OfType<DisplayedValueUpdated>().ToArray();
        Assert.NotEmpty(updates);
        Assert.All(updates, update => Assert.Equal(shown.ValueId, update.ValueId));
        var last = Assert.Single(updates[^1].FormattedValues);
        Assert.Equal("text/html", last.MimeType);
        Assert.Contains("Sweep: 4 cells in ", last.Value);
    }

    [Fact]
    public async Task A_cell_that_never_reports_shows_nothing()
    {
        var events = await Run("var bar = Notebook.Progress();");
        Assert.Empty(events.OfType<DisplayedValueProduced>());
    }

    [Fact]
    public async Task The_stop_button_trips_the_cells_token_and_the_next_cell_works()
    {
        var started = new TaskCompletionSource();
        using var events = kernel.KernelEvents.Subscribe(new Listener(shown => started.TrySetResult()));
        var running = Task.Run(() => Run(
            "Notebook.Progress().Report(new SweepProgress(1, 2)); Notebook.Cancellation.WaitHandle.WaitOne(); Notebook.Cancellation.ThrowIfCancellationRequested();"));
        await started.Task;
        await kernel.SendAsync(new Cancel());
        await Assert.ThrowsAsync<InvalidOperationException>(() => running);
        var next = await Run("Notebook.Cancellation.IsCancellationRequested");
        Assert.Equal(false, Assert.Single(next.OfType<ReturnValueProduced>()).Value);
    }

    [Fact]
    public async Task A_pair_shows_itself_as_strips()
    {
        var events = await Run("PromptPair.FromIds(new[] { 1, 2 }, new[] { 1, 3 }, 4, 5)");
        var shown = Assert.Single(Assert.Single(events.OfType<ReturnValueProduced>()).FormattedValues);
        Assert.Equal("text/html", shown.MimeType);
        Assert.Contains("2 tokens each, 1 differ", shown.Value);
    }

    private async Task<IReadOnlyList<KernelEvent>> Run(string code)
    {
        var run = await kernel.SendAsync(new SubmitCode($"#r \"{typeof(Notebook).Assembly.Location}\"\nusing PatchKernel;\n{code}"));
        var failure = run.Events.OfType<CommandFailed>().FirstOrDefault();
        if (failure is not null) throw new InvalidOperationException(failure.Message);
        return run.Events;
    }

    private sealed class Listener(Action<DisplayedValueProduced> shown) : IObserver<KernelEvent>
    {
        public void OnNext(KernelEvent value)
        {
            if (value is DisplayedValueProduced display) shown(display);
        }

        public void OnError(Exception error)
        {
        }

        public void OnCompleted()
        {
        }
    }
}
