using Spectre.Console;

namespace PatchKernel.Cli;

/// <summary>Bars with bytes, speed and time left for a download in all and for each file under way; two lines where nobody is watching.</summary>
internal static class DownloadBars
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    /// <summary>Does work that may download something; shows nothing where it doesn't.</summary>
    public static T During<T>(Terminal terminal, Func<IProgress<DownloadProgress>, T> work)
    {
        var latest = new Latest();
        var task = Task.Run(() => work(latest));
        if (Task.WaitAny(task, latest.Begun) == 1) Show(terminal, latest, ((IAsyncResult)task).AsyncWaitHandle);
        return task.GetAwaiter().GetResult();
    }

    private static void Show(Terminal terminal, Latest latest, WaitHandle done)
    {
        if (terminal.Progress is { } console)
            console.Progress()
                .AutoClear(true)
                .Columns(
                    new TaskDescriptionColumn(), new ProgressBarColumn(), new DownloadedColumn { Base = FileSizeBase.Decimal },
                    new TransferSpeedColumn { Base = FileSizeBase.Decimal }, new RemainingTimeColumn())
                .Start(context =>
                {
                    var all = context.AddTask(Markup.Escape(Terminal.OneLine(latest.Value.Model)));
                    var bars = new Dictionary<string, ProgressTask>();
                    do Update(context, all, bars, latest.Value);
                    while (!done.WaitOne(Step));
                });
        else
        {
            terminal.Note($"downloading {latest.Value.Model} into the Hugging Face cache");
            done.WaitOne();
        }
        terminal.Note(latest.Value.ToString());
    }

    private static void Update(ProgressContext context, ProgressTask all, Dictionary<string, ProgressTask> bars, DownloadProgress progress)
    {
        (all.MaxValue, all.Value) = (Math.Max(1, progress.Total), progress.Bytes);
        foreach (var file in progress.Files.Where(file => file.Bytes > 0 && (file.Bytes < file.Total || bars.ContainsKey(file.Name))))
        {
            if (!bars.TryGetValue(file.Name, out var bar))
                bars.Add(file.Name, bar = context.AddTask($"  {Markup.Escape(Terminal.OneLine(file.Name))}").HideWhenCompleted());
            (bar.MaxValue, bar.Value) = (file.Total, file.Bytes);
        }
    }

    /// <summary>The last report; written on one thread and read on another.</summary>
    private sealed class Latest : IProgress<DownloadProgress>
    {
        private readonly TaskCompletionSource begun = new();
        private volatile DownloadProgress value = new("", 0, 0, 0, []);

        /// <summary>Done once something is to come.</summary>
        public Task Begun => begun.Task;

        public DownloadProgress Value => value;

        public void Report(DownloadProgress progress)
        {
            value = progress;
            if (progress.Bytes < progress.Total) begun.TrySetResult();
        }
    }
}
