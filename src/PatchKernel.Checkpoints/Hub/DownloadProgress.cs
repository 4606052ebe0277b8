using PatchKernel.Text;

namespace PatchKernel;

/// <summary>The progress of a download, in all and file by file.</summary>
/// <param name="Model">What is fetched, such as <c>org/name</c>.</param>
/// <param name="Bytes">Bytes that are there, those of earlier runs too.</param>
/// <param name="Total">Bytes in all, of the files known so far: first the small ones, then the weights too.</param>
/// <param name="BytesPerSecond">Bytes that come in a second, on average over this download; 0 at first.</param>
/// <param name="Files">The files.</param>
/// <remarks>Its text is one line for a place that shows one and updates it, such as a notebook's cell.</remarks>
public sealed record DownloadProgress(string Model, long Bytes, long Total, double BytesPerSecond, IReadOnlyList<FileProgress> Files)
{
    /// <summary>The time left at that speed, or null while it isn't known.</summary>
    public TimeSpan? TimeLeft => FileProgress.Left(Total - Bytes, BytesPerSecond);

    /// <summary>Bytes, speed and time left in one line.</summary>
    public override string ToString()
    {
        var current = Files.Where(file => file.Bytes > 0 && file.Bytes < file.Total).ToList() switch
        {
            [] => "",
            [var file] => $", now {file.Name}",
            var several => $", now {several.Count} of {Files.Count} files",
        };
        return $"{Model}: {FileProgress.Text(Bytes, Total, BytesPerSecond)}{current}";
    }
}

/// <summary>The progress of one file of a download.</summary>
/// <param name="Name">The file.</param>
/// <param name="Bytes">Its bytes that are there.</param>
/// <param name="Total">Its bytes in all.</param>
/// <param name="BytesPerSecond">Bytes that come in a second, on average over this download; 0 at first.</param>
public sealed record FileProgress(string Name, long Bytes, long Total, double BytesPerSecond)
{
    /// <summary>The time left at that speed, or null while it isn't known.</summary>
    public TimeSpan? TimeLeft => Left(Total - Bytes, BytesPerSecond);

    /// <summary>Name, bytes, speed and time left.</summary>
    public override string ToString() => $"{Name}: {Text(Bytes, Total, BytesPerSecond)}";

    internal static string Text(long bytes, long total, double speed)
    {
        var rate = speed > 0 ? $", {ByteCount.Text((long)speed)}/s" : "";
        var left = bytes < total && Left(total - bytes, speed) is { } time ? $", {Duration.Text(time)} left" : "";
        return $"{ByteCount.Text(bytes)} of {ByteCount.Text(total)}{rate}{left}";
    }

    internal static TimeSpan? Left(long bytes, double speed) =>
        speed > 0 && bytes / speed is var seconds && seconds < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
}
