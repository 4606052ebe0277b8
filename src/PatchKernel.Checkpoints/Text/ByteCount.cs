using System.Globalization;

namespace PatchKernel.Text;

/// <summary>Numbers of bytes as people read them.</summary>
internal static class ByteCount
{
    /// <summary>Such as <c>674 B</c>, <c>54.8 kB</c>, <c>2.47 GB</c>: powers of ten, as disks and the hub count.</summary>
    public static string Text(long bytes) => bytes switch
    {
        < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:F1} kB"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:F1} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:F2} GB"),
    };
}
