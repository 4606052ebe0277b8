namespace PatchKernel.Hub;

/// <summary>A lock between processes, the same that Python's tools use: it is released when its process ends, in whatever way.</summary>
internal static class FileLock
{
    private const int LinuxWouldBlock = 11;
    private const int MacWouldBlock = 35;
    private const int WindowsSharingViolation = unchecked((int)0x80070020);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until the lock is free.</summary>
    /// <returns>The lock; disposing it gives it back.</returns>
    public static async Task<IDisposable> Take(string path, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                // .NET's FileShare.None is flock on Unix.
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            }
            catch (IOException e) when (e.HResult is LinuxWouldBlock or MacWouldBlock or WindowsSharingViolation)
            {
                await Task.Delay(Interval, cancel);
            }
        }
    }
}
