using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.CSharp;
using Microsoft.DotNet.Interactive.Documents;
using Microsoft.DotNet.Interactive.Events;

namespace PatchKernel.Notebooks;

/// <summary>One notebook's state: .NET Interactive's own C# kernel, in the notebook's folder.</summary>
/// <remarks>The working directory is the process's own, so one kernel runs at a time.</remarks>
internal sealed class NotebookKernel : IDisposable
{
    private readonly string before = Environment.CurrentDirectory;
    private readonly CompositeKernel kernel = new() { new CSharpKernel().UseKernelHelpers().UseWho() };
    private int runs;

    /// <summary>Starts a kernel in the notebook's folder, from which #r lines and paths in cells are read.</summary>
    public NotebookKernel(string folder)
    {
        kernel.DefaultKernelName = NotebookFile.CSharp;
        Environment.CurrentDirectory = folder;
    }

    /// <summary>plotly.js, once there is a chart; no output holds it.</summary>
    public string? Plotly { get; private set; }

    /// <summary>Runs a cell.</summary>
    /// <param name="cell">The cell; takes the run's outputs and its number in the order of runs.</param>
    /// <param name="changed">Called whenever there is something new to see, on any thread.</param>
    /// <param name="cancel">Stops the cell as the stop button of an editor does.</param>
    /// <returns>Why it failed, or null.</returns>
    public async Task<CellError?> RunAsync(InteractiveDocumentElement cell, Action<IReadOnlyList<InteractiveDocumentOutputElement>>? changed,
        CancellationToken cancel)
    {
        cell.ExecutionOrder = ++runs;
        var outputs = new CellOutputs(cell.ExecutionOrder);
        var error = await SendAsync(cell, outputs, changed, cancel);
        if (error is not null) outputs.Fail(error);
        cell.Outputs.Clear();
        cell.Outputs.AddRange(outputs.Now);
        return error;
    }

    public void Dispose()
    {
        kernel.Dispose();
        Environment.CurrentDirectory = before;
    }

    private async Task<CellError?> SendAsync(InteractiveDocumentElement cell, CellOutputs outputs,
        Action<IReadOnlyList<InteractiveDocumentOutputElement>>? changed, CancellationToken cancel)
    {
        if (cell.KernelName != NotebookFile.CSharp)
            return new("NoSuchKernel", $"The cell is in {cell.KernelName}, and only C# runs here: take it out, or run the notebook in an editor.");
        using var events = kernel.KernelEvents.Subscribe(new Observer(happened =>
        {
            if (!outputs.Take(happened)) return;
            if (outputs.HasChart) Plotly ??= outputs.Plotly ?? PlotlyLibrary.OfLoadedLibrary();
            changed?.Invoke(outputs.Now);
        }));
        if (cancel.IsCancellationRequested) return CellError.OfStop;
        // On another thread: the kernel runs a cell up to its first await on the caller's.
        var run = Task.Run(() => kernel.SendAsync(new SubmitCode(cell.Contents, NotebookFile.CSharp)), CancellationToken.None);
        using (cancel.Register(() => _ = CancelAsync(run))) await run;
        return (await run).Events.OfType<CommandFailed>().FirstOrDefault() is not { } failure ? null
            : cancel.IsCancellationRequested ? CellError.OfStop
            : CellError.Of(failure);
    }

    /// <summary>Does what an editor's stop button does; again, should the cell not have begun.</summary>
    private async Task CancelAsync(Task run)
    {
        while (!run.IsCompleted)
        {
            await Task.Run(() => kernel.SendAsync(new Cancel()));
            await Task.WhenAny(run, Task.Delay(50));
        }
    }

    private sealed class Observer(Action<KernelEvent> take) : IObserver<KernelEvent>
    {
        public void OnNext(KernelEvent value) => take(value);

        public void OnCompleted() { }

        public void OnError(Exception error) { }
    }
}
