using PatchKernel.Text;

namespace PatchKernel;

/// <summary>How far a sweep or a download is, as one line with a bar and the time left: give it to whatever takes a progress.</summary>
/// <remarks>
/// <see cref="Notebook.Progress"/> and <see cref="Notebook.Downloads"/> make one that draws itself in a notebook; other hosts make their own.
/// </remarks>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed class ProgressLine : IProgress<SweepProgress>, IProgress<DownloadProgress>, IShowsHtml
{
    private static readonly TimeSpan LeastApart = TimeSpan.FromMilliseconds(100);

    private readonly string what;
    private readonly Action<ProgressLine> changed;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private Step? latest;
    private long start;
    private long reported;
    private long? shown;
    private TimeSpan elapsed;
    private bool stopped;

    /// <summary>A line.</summary>
    /// <param name="what">What is under way, in a word; of a download, the model's name stands in its place.</param>
    /// <param name="changed">Called, ten times a second at most and at the end, when it is to be drawn anew; never for a download of what is there already.</param>
    /// <param name="time">The clock; the system's by default.</param>
    public ProgressLine(string what, Action<ProgressLine> changed, TimeProvider? time = null)
    {
        (this.what, this.changed, this.time) = (what, changed, time ?? TimeProvider.System);
        reported = this.time.GetTimestamp();
    }

    /// <summary>Takes a sweep's report.</summary>
    public void Report(SweepProgress value) => Take(new(what, value.Done, value.Total, $"{value.Done} of {value.Total} cells", left =>
        left is null ? $"{what}: {value.Total} cells in {Duration.Text(elapsed)}"
        : $"{what}: {value.Done} of {value.Total} cells{(value.Done > 0 ? $", {Duration.Text(left.Value)} left" : "")}"));

    /// <summary>Takes a download's report.</summary>
    public void Report(DownloadProgress value)
    {
        // Nothing is to come.
        if (value.Bytes >= value.Total && (latest is null || latest.IsDone)) return;
        Take(new(value.Model, value.Bytes, value.Total, $"{ByteCount.Text(value.Bytes)} of {ByteCount.Text(value.Total)}", left =>
            left is null ? $"{value.Model}: {ByteCount.Text(value.Total)} complete after {Duration.Text(elapsed)}" : value.ToString())
        { Files = value.Files });
    }

    /// <summary>The line with a bar; of a download, the files on hover, and no bar once all is there.</summary>
    public string ToHtml() => latest is { Files: not null, IsDone: true } or null
        ? Html.Frame(Html.Line(Html.Text(ToString()), Html.Quiet))
        : Html.Progress(latest.Part, ToString(), string.Join('\n', latest.Files ?? []));

    /// <summary>What is under way, how much of it is done, and the time left or taken; or that it was stopped.</summary>
    public override string ToString() => latest switch
    {
        null => $"{what}: nothing yet",
        { IsDone: true } => latest.Text(null),
        _ when stopped => $"{latest.What}: stopped after {latest.Count}",
        _ => latest.Text(latest.Part > 0 ? elapsed * ((1 - latest.Part) / latest.Part) : TimeSpan.Zero),
    };

    /// <summary>Says that what was under way has been stopped, unless it is done.</summary>
    internal void Stop()
    {
        lock (gate)
        {
            if (stopped || latest is null or { IsDone: true }) return;
            stopped = true;
        }
        changed(this);
    }

    private void Take(Step step)
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            // What was stopped may report once more before it ends; a line that is used again begins anew.
            if (stopped && latest?.What == step.What && step.Done >= latest.Done) return;
            stopped = false;
            // Another model, or a second sweep with the same line, which began when the first one ended.
            if (latest is null || latest.IsDone || latest.What != step.What || step.Done < latest.Done) start = step.Files is null ? reported : now;
            (latest, reported, elapsed) = (step, now, time.GetElapsedTime(start, now));
            if (!step.IsDone && shown is { } last && time.GetElapsedTime(last, now) < LeastApart) return;
            shown = now;
        }
        changed(this);
    }

    /// <summary>A report.</summary>
    /// <param name="What">What is under way.</param>
    /// <param name="Done">How much of it is done.</param>
    /// <param name="Total">How much there is.</param>
    /// <param name="Count">Both in words.</param>
    /// <param name="Text">The line, from the time that is left; null where all is done.</param>
    private sealed record Step(string What, double Done, double Total, string Count, Func<TimeSpan?, string> Text)
    {
        /// <summary>Of a download, its files.</summary>
        public IReadOnlyList<object>? Files { get; init; }

        public bool IsDone => Total > 0 && Done >= Total;

        public double Part => Total > 0 ? Done / Total : 0;
    }
}
