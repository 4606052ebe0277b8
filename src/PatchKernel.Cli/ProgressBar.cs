using Spectre.Console;

namespace PatchKernel.Cli;

/// <summary>A bar with the time left, on work over a second and only where somebody is watching.</summary>
internal static class ProgressBar
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    /// <summary>Does the work and shows how far it is.</summary>
    public static T During<T>(Terminal terminal, string what, Func<IProgress<SweepProgress>?, T> work)
    {
        if (terminal.Progress is not { } console) return work(null);
        var latest = new Latest();
        var task = Task.Run(() => work(latest));
        var done = ((IAsyncResult)task).AsyncWaitHandle;
        if (!done.WaitOne(Patience))
            console.Progress()
                .AutoClear(true)
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .Start(context =>
                {
                    var bar = context.AddTask(what);
                    while (!done.WaitOne(Step)) bar.Value = 100 * latest.Part;
                });
        return task.GetAwaiter().GetResult();
    }

    /// <summary>The last report; written on one thread and read on another.</summary>
    private sealed class Latest : IProgress<SweepProgress>
    {
        private double part;

        public double Part => Volatile.Read(ref part);

        public void Report(SweepProgress value) => Volatile.Write(ref part, (double)value.Done / value.Total);
    }
}
