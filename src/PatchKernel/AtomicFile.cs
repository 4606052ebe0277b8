namespace PatchKernel;

/// <summary>Files that are whole or not there: written beside their place, then renamed.</summary>
public static class AtomicFile
{
    /// <summary>Writes text as UTF-8.</summary>
    /// <exception cref="PatchKernelException">The path can't be written.</exception>
    public static void Write(string path, string text) => Write(path, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Writes bytes.</summary>
    /// <exception cref="PatchKernelException">The path can't be written.</exception>
    public static void Write(string path, byte[] bytes) => Write(path, stream => stream.Write(bytes));

    /// <summary>Writes what the action puts into the stream; if it throws, what was there before stays.</summary>
    /// <exception cref="PatchKernelException">The path can't be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        Try(path, () =>
        {
            if (IsDevice(path))
            {
                using var device = new FileStream(path, FileMode.Open, FileAccess.Write);
                write(device);
            }
            else WriteBeside(path, write);
        });
    }

    /// <summary>Tries whether the path could be written, and leaves no trace: long work can fail before it starts.</summary>
    /// <exception cref="PatchKernelException">The path can't be written.</exception>
    public static void Probe(string path) => Try(path, () =>
    {
        if (IsDevice(path)) return;
        using var trial = new FileStream(Beside(path), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
    });

    private static void Try(string path, Action write)
    {
        if (string.IsNullOrWhiteSpace(path)) throw new PatchKernelException("There is no file to write to: the path is empty.");
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PatchKernelException($"Cannot write '{path}': {Reason(path, e)}.", e);
        }
    }

    private static string Beside(string path)
    {
        var full = Path.GetFullPath(path);
        if (Directory.Exists(full)) throw new IOException("it is a folder; name a file in it");
        return Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetRandomFileName()}.tmp");
    }

    private static void WriteBeside(string path, Action<Stream> write)
    {
        var full = Path.GetFullPath(path);
        var beside = Beside(path);
        try
        {
            using (var stream = new FileStream(beside, FileMode.CreateNew)) write(stream);
            File.Move(beside, full, overwrite: true);
        }
        finally
        {
            if (File.Exists(beside)) File.Delete(beside);
        }
    }

    // /dev/stdout and /dev/null are written to; a rename would put a file in their place.
    private static bool IsDevice(string path) =>
        !OperatingSystem.IsWindows() && Path.GetFullPath(path).StartsWith("/dev/", StringComparison.Ordinal) && File.Exists(path);

    private static string Reason(string path, Exception e) => e switch
    {
        DirectoryNotFoundException => $"the folder '{Path.GetDirectoryName(Path.GetFullPath(path))}' does not exist",
        UnauthorizedAccessException => "permission denied",
        FileNotFoundException => "no file can be made in that folder",
        _ => e.Message.TrimEnd('.'),
    };
}
