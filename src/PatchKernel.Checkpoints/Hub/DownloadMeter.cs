namespace PatchKernel.Hub;

/// <summary>Counts the bytes that several threads download, and reports them a few times a second.</summary>
internal sealed class DownloadMeter(string model, IProgress<DownloadProgress>? progress, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Lock sync = new();
    private readonly List<FileMeter> files = [];
    private long reported = long.MinValue;

    /// <summary>A file that will be fetched.</summary>
    public FileMeter Expect(HubFile file)
    {
        var meter = new FileMeter(this, file, clock);
        lock (sync) files.Add(meter);
        return meter;
    }

    /// <summary>Reports the progress, unless it just did.</summary>
    /// <param name="always">Whether this report may not be left out.</param>
    public void Report(bool always)
    {
        if (progress is null) return;
        lock (sync) // in order, and one at a time
        {
            var now = clock.GetTimestamp();
            if (!always && reported != long.MinValue && clock.GetElapsedTime(reported, now) < Interval) return;
            reported = now;
            var all = files.Select(file => file.Progress).ToArray();
            var begun = files.Where(file => file.Began is not null).Select(file => file.Began!.Value).DefaultIfEmpty(now).Min();
            var seconds = clock.GetElapsedTime(begun, now).TotalSeconds;
            var speed = seconds > 0 ? files.Sum(file => file.Received) / seconds : 0;
            progress.Report(new DownloadProgress(model, all.Sum(file => file.Bytes), all.Sum(file => file.Total), speed, all));
        }
    }
}

/// <summary>Counts one file's bytes.</summary>
internal sealed class FileMeter(DownloadMeter all, HubFile file, TimeProvider clock)
{
    private long bytes;
    private long received;
    private long began; // 0 before the first bytes

    /// <summary>Bytes that came in this run.</summary>
    public long Received => Interlocked.Read(ref received);

    /// <summary>The clock's stamp of the first bytes, or null.</summary>
    public long? Began => Interlocked.Read(ref began) is not 0 and var stamp ? stamp : null;

    /// <summary>The file's progress.</summary>
    public FileProgress Progress
    {
        get
        {
            var seconds = Began is { } stamp ? clock.GetElapsedTime(stamp).TotalSeconds : 0;
            return new FileProgress(file.Path, Interlocked.Read(ref bytes), file.Size, seconds > 0 ? Received / seconds : 0);
        }
    }

    /// <summary>Sets the number of bytes.</summary>
    public void IsAt(long count)
    {
        Interlocked.Exchange(ref bytes, count);
        all.Report(always: count == file.Size);
    }

    /// <summary>Adds to the number of bytes.</summary>
    public void Came(int count)
    {
        Interlocked.CompareExchange(ref began, clock.GetTimestamp(), 0);
        Interlocked.Add(ref received, count);
        Interlocked.Add(ref bytes, count);
        all.Report(always: false);
    }
}
