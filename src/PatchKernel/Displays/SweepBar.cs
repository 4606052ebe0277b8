namespace PatchKernel;

/// <summary>How far a sweep is, as a bar with the time left: give it to <see cref="Sweep"/> as its progress.</summary>
/// <remarks><see cref="Notebook.Progress"/> makes one that draws itself in a notebook; other hosts make their own.</remarks>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed class SweepBar : IProgress<SweepProgress>, IShowsHtml
{
    private static readonly TimeSpan LeastApart = TimeSpan.FromMilliseconds(100);

    private readonly string what;
    private readonly Action<SweepBar> changed;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private long start;
    private long reported;
    private long? shown;
    private SweepProgress latest;
    private TimeSpan elapsed;

    /// <summary>A bar.</summary>
    /// <param name="what">What is under way, in a word.</param>
    /// <param name="changed">Called, ten times a second at most and at the end, when it is to be drawn anew.</param>
    /// <param name="time">The clock; the system's by default.</param>
    public SweepBar(string what, Action<SweepBar> changed, TimeProvider? time = null)
    {
        (this.what, this.changed, this.time) = (what, changed, time ?? TimeProvider.System);
        start = reported = this.time.GetTimestamp();
    }

    /// <summary>Takes the sweep's report.</summary>
    public void Report(SweepProgress value)
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            // A second sweep with the same bar began when the first one ended.
            if (value.Done < latest.Done || (latest.Total > 0 && latest.Done >= latest.Total)) start = reported;
            (latest, reported, elapsed) = (value, now, time.GetElapsedTime(start, now));
            if (value.Done < value.Total && shown is { } last && time.GetElapsedTime(last, now) < LeastApart) return;
            shown = now;
        }
        changed(this);
    }

    /// <summary>The bar.</summary>
    public string ToHtml() => Html.Progress(Part, ToString());

    /// <summary>What is under way, how many cells are done, and the time left or taken.</summary>
    public override string ToString()
    {
        if (latest.Total > 0 && latest.Done >= latest.Total) return $"{what}: {latest.Total} cells in {Duration.Text(elapsed)}";
        var left = Part > 0 ? $", {Duration.Text(elapsed * ((1 - Part) / Part))} left" : "";
        return $"{what}: {latest.Done} of {latest.Total} cells{left}";
    }

    private double Part => latest.Total > 0 ? (double)latest.Done / latest.Total : 0;
}
