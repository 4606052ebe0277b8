using System.Diagnostics;
using Microsoft.DotNet.Interactive.Documents;

namespace PatchKernel.Notebooks;

/// <summary>Runs a notebook again from the first changed cell, whenever it or a file that its cells name is saved.</summary>
internal sealed class NotebookWatch : IDisposable
{
    // A save is noticed within two of these, and drawn progress is no older than five.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(100);

    private readonly string path;
    private readonly string folder;
    private readonly IReadOnlyList<Assignment> assignments;
    private readonly Action<string> say;
    private readonly NotebookKernel kernel;
    private readonly PageServer server;
    private readonly List<string> done = [];
    private readonly Lock gate = new();
    private CancellationTokenSource? running;
    private bool stoppedByUser;
    private InteractiveDocument document = new();
    private string[] html = [];
    private string[] files = [];

    /// <summary>Starts the kernel and the server.</summary>
    /// <param name="path">The notebook.</param>
    /// <param name="assignments">Texts to put into it, each time it is read.</param>
    /// <param name="port">Where to serve; null for any free port.</param>
    /// <param name="say">Takes one line for the user.</param>
    public NotebookWatch(string path, IReadOnlyList<Assignment> assignments, int? port, Action<string> say)
    {
        (this.path, this.assignments, this.say) = (Path.GetFullPath(path), assignments, say);
        folder = Path.GetDirectoryName(this.path)!;
        server = new PageServer(port);
        kernel = new NotebookKernel(folder);
    }

    /// <summary>Where the page is.</summary>
    public string Address => server.Address;

    /// <summary>Runs until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var seen = "";
        while (await NextSaveAsync(seen, stop) is { } saved)
        {
            seen = saved;
            if (Read() is not { } changed) continue;
            // The files may be others now.
            seen = Stamps();
            using var run = CancellationTokenSource.CreateLinkedTokenSource(stop);
            lock (gate) (running, stoppedByUser) = (run, false);
            var work = RunChangedAsync(changed, run.Token);
            await CancelOnSaveAsync(seen, work, run);
            await work;
        }
    }

    /// <summary>Stops the cell that is running.</summary>
    /// <returns>False when none is.</returns>
    public bool StopCell()
    {
        lock (gate)
        {
            if (running is null) return false;
            stoppedByUser = true;
            running.Cancel();
            return true;
        }
    }

    public void Dispose()
    {
        kernel.Dispose();
        server.Dispose();
    }

    /// <summary>Waits for files that differ from what was seen, and are no longer being written.</summary>
    /// <returns>Their stamps; null when it is told to stop.</returns>
    private async Task<string?> NextSaveAsync(string seen, CancellationToken stop)
    {
        for (var last = seen; !stop.IsCancellationRequested; await WaitAsync(stop))
        {
            var now = Stamps();
            if (now != seen && now == last && File.Exists(path)) return now;
            last = now;
        }
        return null;
    }

    private async Task CancelOnSaveAsync(string seen, Task run, CancellationTokenSource cancel)
    {
        while (!run.IsCompleted)
        {
            await Task.WhenAny(run, Task.Delay(Tick));
            if (!run.IsCompleted && Stamps() != seen) await cancel.CancelAsync();
        }
    }

    private static async Task WaitAsync(CancellationToken stop) => await Task.WhenAny(Task.Delay(Tick, stop));

    private string Stamps() => string.Join('\n', files.Prepend(path).Select(WatchedFiles.Stamp));

    /// <summary>Reads the notebook and shows it.</summary>
    /// <returns>The first code cell to run; null when there is no notebook to read.</returns>
    private int? Read()
    {
        try
        {
            var read = NotebookFile.Load(path);
            foreach (var assignment in assignments) assignment.Apply(read);
            KeepOutputs(read);
            document = read;
        }
        catch (PatchKernelException e)
        {
            say(e.Message);
            return null;
        }
        var cells = CodeCells(document);
        files = [.. cells.SelectMany(cell => WatchedFiles.Named(cell.Contents, folder)).Distinct()];
        var first = 0;
        while (first < Math.Min(cells.Count, done.Count) && done[first] == WatchedFiles.Fingerprint(cells[first].Contents, folder)) first++;
        done.RemoveRange(first, done.Count - first);
        html = [.. document.Elements.Select(cell => CellHtml.Of(cell, cells.IndexOf(cell) >= first ? "waiting" : "", folder))];
        Show();
        return first;
    }

    private static List<InteractiveDocumentElement> CodeCells(InteractiveDocument document) =>
        [.. document.Elements.Where(cell => cell.KernelName != NotebookFile.Markdown)];

    // A cell keeps what it shows until it has run again, so that the page doesn't jump.
    private void KeepOutputs(InteractiveDocument read)
    {
        foreach (var cell in read.Elements) cell.Outputs.Clear();
        foreach (var (old, cell) in CodeCells(document).Zip(CodeCells(read)))
        {
            cell.Outputs.AddRange(old.Outputs);
            cell.ExecutionOrder = old.ExecutionOrder;
        }
    }

    private async Task RunChangedAsync(int first, CancellationToken cancel)
    {
        var said = await RunFromAsync(first, cancel);
        // Before it is said: whoever reads that the cells have run and presses Ctrl+C means the command.
        lock (gate) running = null;
        if (said is not null) say(said);
    }

    /// <summary>Runs the cells from one on.</summary>
    /// <returns>What came of it, in a line; null where there is nothing to say.</returns>
    private async Task<string?> RunFromAsync(int first, CancellationToken cancel)
    {
        var cells = CodeCells(document);
        var time = Stopwatch.StartNew();
        for (var i = first; i < cells.Count; i++)
        {
            var fingerprint = WatchedFiles.Fingerprint(cells[i].Contents, folder);
            if (await RunCellAsync(cells[i], cancel) is { } error)
                // A cell that gives way to a newer save is no failure.
                return !cancel.IsCancellationRequested || stoppedByUser ? $"cell {i + 1} of {cells.Count}: {error.Message}" : null;
            done.Add(fingerprint);
        }
        return first < cells.Count ? FormattableString.Invariant($"ran cells {first + 1} to {cells.Count} in {time.Elapsed.TotalSeconds:0.00} s") : null;
    }

    private async Task<CellError?> RunCellAsync(InteractiveDocumentElement cell, CancellationToken cancel)
    {
        var drawn = Stopwatch.StartNew();
        Show(cell, "running");
        var error = await kernel.RunAsync(cell, outputs =>
        {
            if (drawn.Elapsed < Redraw) return;
            drawn.Restart();
            Show(cell, new(cell.Contents, cell.KernelName, outputs) { ExecutionOrder = cell.ExecutionOrder }, "running");
        }, cancel);
        Show(cell, "");
        return error;
    }

    private void Show(InteractiveDocumentElement cell, string state) => Show(cell, cell, state);

    private void Show(InteractiveDocumentElement cell, InteractiveDocumentElement content, string state)
    {
        lock (gate) html[document.Elements.IndexOf(cell)] = CellHtml.Of(content, state, folder);
        Show();
    }

    private void Show()
    {
        lock (gate) server.Show(NotebookPage.TitleOf(document, Path.GetFileNameWithoutExtension(path)), [.. html], kernel.Plotly);
    }
}
