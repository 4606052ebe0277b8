namespace PatchKernel;

/// <summary>How far a download is, as one line with bytes, speed and time left: give it to <c>Llama.Load</c> or <c>Checkpoint.Open</c> as its progress.</summary>
/// <remarks><see cref="Notebook.Downloads"/> makes one that draws itself in a notebook; other hosts make their own.</remarks>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed class DownloadLine : IProgress<DownloadProgress>, IShowsHtml
{
    private readonly Action<DownloadLine> changed;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private DownloadProgress? latest;
    private long start;
    private TimeSpan elapsed;

    /// <summary>A line.</summary>
    /// <param name="changed">Called, a few times a second, when it is to be drawn anew; never where everything is there already.</param>
    /// <param name="time">The clock; the system's by default.</param>
    public DownloadLine(Action<DownloadLine> changed, TimeProvider? time = null) => (this.changed, this.time) = (changed, time ?? TimeProvider.System);

    /// <summary>Takes the download's report.</summary>
    public void Report(DownloadProgress value)
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            // Another model, or another download after one that ended.
            if (latest?.Model != value.Model || latest.Bytes >= latest.Total)
            {
                if (value.Bytes >= value.Total) return; // nothing is to come
                start = now;
            }
            (latest, elapsed) = (value, time.GetElapsedTime(start, now));
        }
        changed(this);
    }

    /// <summary>The line with a bar, the files on hover; without them once all is there.</summary>
    public string ToHtml() => latest is { } value && value.Bytes < value.Total
        ? Html.Progress((double)value.Bytes / value.Total, $"{value}", string.Join('\n', value.Files))
        : Html.Frame(Html.Line(Html.Text(ToString()), Html.Quiet));

    /// <summary>What is fetched, its bytes, speed and time left, or the time it took.</summary>
    public override string ToString() => latest switch
    {
        null => "nothing downloaded",
        { } value when value.Bytes < value.Total => value.ToString(),
        { } value => $"{value.Model}: {ByteCount.Text(value.Total)} complete after {Duration.Text(elapsed)}",
    };
}
