using System.Globalization;

namespace PatchKernel;

/// <summary>How far a download is, in all and file by file.</summary>
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
        var speed = BytesPerSecond > 0 ? $", {ByteCount.Text((long)BytesPerSecond)}/s" : "";
        var left = Bytes < Total && TimeLeft is { } time ? $", {Text(time)} left" : "";
        var underWay = Files.Count(file => file.Bytes > 0 && file.Bytes < file.Total);
        var current = underWay > 0 ? $", {underWay} of {Files.Count} files under way" : "";
        return $"{Model}: {ByteCount.Text(Bytes)} of {ByteCount.Text(Total)}{speed}{left}{current}";
    }

    private static string Text(TimeSpan time) => time.TotalHours < 1
        ? time.ToString(@"m\:ss", CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $@"{(long)time.TotalHours}:{time:mm\:ss}");
}

/// <summary>How far one file of a download is.</summary>
/// <param name="Name">The file.</param>
/// <param name="Bytes">Its bytes that are there.</param>
/// <param name="Total">Its bytes in all.</param>
/// <param name="BytesPerSecond">Bytes that come in a second, on average over this download; 0 at first.</param>
public sealed record FileProgress(string Name, long Bytes, long Total, double BytesPerSecond)
{
    /// <summary>The time left at that speed, or null while it isn't known.</summary>
    public TimeSpan? TimeLeft => Left(Total - Bytes, BytesPerSecond);

    internal static TimeSpan? Left(long bytes, double speed) =>
        speed > 0 && bytes / speed is var seconds && seconds < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
}
