using Spectre.Console;

namespace PatchKernel.Cli;

/// <summary>Bars with the time left, only where somebody is watching.</summary>
internal static class ProgressBars
{
    // What is done sooner shows none.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    /// <summary>Sweeps or generates, and shows a bar where that takes over a second.</summary>
    public static T Counted<T>(Terminal terminal, string name, Func<IProgress<SweepProgress>?, T> work)
    {
        if (terminal.Progress is not { } console) return work(null);
        var latest = new Latest<SweepProgress>(_ => true);
        var (task, done) = Start(() => work(latest));
        if (!done.WaitOne(Patience))
            Show(console, [new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()], done, context =>
            {
                var bar = context.AddTask(name);
                return () => Set(bar, latest.Value.Done, latest.Value.Total);
            });
        return task.GetAwaiter().GetResult();
    }

    /// <summary>Does work that may download something: then a bar for the download in all, and one for each file under way; two lines where nobody is watching.</summary>
    public static T Download<T>(Terminal terminal, Func<IProgress<DownloadProgress>, T> work)
    {
        var latest = new Latest<DownloadProgress>(progress => progress.Bytes < progress.Total);
        var (task, done) = Start(() => work(latest));
        if (Task.WaitAny(task, latest.Begun) == 0) return task.GetAwaiter().GetResult();
        if (terminal.Progress is { } console)
        {
            ProgressColumn[] columns =
            [
                new TaskDescriptionColumn(), new ProgressBarColumn(), new DownloadedColumn { Base = FileSizeBase.Decimal },
                new TransferSpeedColumn { Base = FileSizeBase.Decimal }, new RemainingTimeColumn(),
            ];
            Show(console, columns, done, context =>
            {
                var all = context.AddTask(Text(latest.Value!.Model));
                var bars = new Dictionary<string, ProgressTask>();
                return () => SetAll(context, all, bars, latest.Value!);
            });
        }
        else
        {
            terminal.Note($"downloading {latest.Value!.Model} into the Hugging Face cache");
            done.WaitOne();
        }
        terminal.Note(latest.Value!.ToString());
        return task.GetAwaiter().GetResult();
    }

    private static (Task<T> Task, WaitHandle Done) Start<T>(Func<T> work)
    {
        var task = Task.Run(work);
        return (task, ((IAsyncResult)task).AsyncWaitHandle);
    }

    private static void Show(IAnsiConsole console, ProgressColumn[] columns, WaitHandle done, Func<ProgressContext, Action> begin) =>
        console.Progress().AutoClear(true).Columns(columns).Start(context =>
        {
            var update = begin(context);
            do update();
            while (!done.WaitOne(Step));
        });

    private static void SetAll(ProgressContext context, ProgressTask all, Dictionary<string, ProgressTask> bars, DownloadProgress progress)
    {
        Set(all, progress.Bytes, progress.Total);
        foreach (var file in progress.Files.Where(file => file.Bytes > 0 && (file.Bytes < file.Total || bars.ContainsKey(file.Name))))
        {
            if (!bars.TryGetValue(file.Name, out var bar)) bars.Add(file.Name, bar = context.AddTask($"  {Text(file.Name)}").HideWhenCompleted());
            Set(bar, file.Bytes, file.Total);
        }
    }

    private static void Set(ProgressTask bar, double done, double total) => (bar.MaxValue, bar.Value) = (Math.Max(1, total), done);

    private static string Text(string name) => Markup.Escape(Terminal.OneLine(name));

    /// <summary>The last report; written on one thread and read on another.</summary>
    private sealed class Latest<T>(Func<T, bool> begins) : IProgress<T>
    {
        private readonly TaskCompletionSource begun = new();
        private volatile object? value;

        /// <summary>Done once something is to come.</summary>
        public Task Begun => begun.Task;

        public T? Value => value is T last ? last : default;

        public void Report(T progress)
        {
            value = progress;
            if (begins(progress)) begun.TrySetResult();
        }
    }
}
