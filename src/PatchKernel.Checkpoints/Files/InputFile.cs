namespace PatchKernel.Files;

/// <summary>Opens files from other programs: regular files only, since reading a pipe or a device may wait forever.</summary>
internal static class InputFile
{
    /// <summary>Opens a file for reading; links are followed.</summary>
    /// <exception cref="PatchKernelException">It isn't there, isn't a regular file, or can't be read.</exception>
    public static FileStream Open(string path) => Try(path, () =>
    {
        CheckRegular(path);
        return File.OpenRead(path);
    });

    /// <summary>Throws if a path names a pipe, a socket or a device.</summary>
    /// <exception cref="PatchKernelException">It does.</exception>
    public static void CheckRegular(string path)
    {
        if (FileType.Irregular(path) is { } kind) throw new PatchKernelException($"'{path}' is {kind}, not a file: save it as a file, and give that.");
    }

    /// <summary>Whether there is a file.</summary>
    /// <exception cref="PatchKernelException">There is a folder in its place.</exception>
    public static bool Exists(string path) => Directory.Exists(path)
        ? throw new PatchKernelException($"'{path}' is a folder where a file belongs: put the file there, or give another one.")
        : File.Exists(path);

    /// <summary>Reads a file whole.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">The most bytes that are believed.</param>
    /// <exception cref="PatchKernelException">It isn't there, isn't a regular file, is larger, or can't be read.</exception>
    public static byte[] ReadAll(string path, int most = MostBytes) => Try(path, () =>
    {
        using var file = Open(path);
        if (file.Length > most) throw new PatchKernelException($"'{path}' has {file.Length} bytes: too many for a file of settings or texts.");
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    });

    private const int MostBytes = 100_000_000;

    private static T Try<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new PatchKernelException($"'{path}' can't be read: {FileFault.Reason(path, e)}.", e);
        }
    }
}
