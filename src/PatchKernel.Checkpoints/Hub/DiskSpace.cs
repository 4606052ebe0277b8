using PatchKernel.Text;

namespace PatchKernel.Hub;

/// <summary>Checks that a download fits on the disk.</summary>
internal static class DiskSpace
{
    private const int LinuxFull = 28;
    private const int WindowsFull = unchecked((int)0x80070070);

    /// <summary>Throws if a folder's disk has too few bytes free.</summary>
    /// <exception cref="PatchKernelException">It has; both figures are in the message.</exception>
    public static void Check(long needed, string folder, string model)
    {
        if (Free(folder) is { } free && free < needed) throw Short(needed, free, folder, model);
    }

    /// <summary>The error for a full disk; null if an error has another reason.</summary>
    public static PatchKernelException? Full(Exception e, long needed, string folder, string model) =>
        e.HResult is LinuxFull or WindowsFull ? Short(needed, Free(folder) ?? 0, folder, model) : null;

    private static PatchKernelException Short(long needed, long free, string folder, string model) => new(
        $"'{model}' needs {ByteCount.Text(needed)} more in '{folder}', where {ByteCount.Text(free)} are free: "
        + "make room, or set HF_HUB_CACHE to a folder on another disk.");

    private static long? Free(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null; // a network share, say: then writing will tell
        }
    }
}
