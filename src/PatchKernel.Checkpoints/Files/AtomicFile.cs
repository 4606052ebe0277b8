using PatchKernel.Files;

namespace PatchKernel;

/// <summary>Writes files whole or not at all: first beside their place, then renamed.</summary>
/// <remarks>A link stays, and the file that it leads to is replaced. What can't be replaced, a pipe or a device, is written to.</remarks>
public static class AtomicFile
{
    private const int MostLinks = 40;

    /// <summary>Writes text as UTF-8.</summary>
    /// <exception cref="PatchKernelException">The path can't be written.</exception>
    public static void Write(string path, string text) => Write(path, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Writes bytes.</summary>
    /// <exception cref="PatchKernelException">The path can't be written.</exception>
    public static void Write(string path, byte[] bytes) => Write(path, stream => stream.Write(bytes));

    /// <summary>Writes what the action writes to the stream; if it throws, the old file stays.</summary>
    /// <exception cref="PatchKernelException">The path can't be written.</exception>
    public static void Write(string path, Action<Stream> write) => Try(path, () =>
    {
        if (IsStream(path)) WriteTo(path, write);
        else WriteBeside(Target(path), write);
    });

    /// <summary>Checks that a path can be written, without leaving a file: so long work fails before it starts.</summary>
    /// <exception cref="PatchKernelException">The path can't be written.</exception>
    public static void Probe(string path) => Try(path, () =>
    {
        if (IsStream(path)) return;
        using var trial = new FileStream(Beside(Target(path)), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
    });

    /// <summary>The absolute path of a file, with every link followed.</summary>
    /// <exception cref="PatchKernelException">The path is empty, or its links lead in a circle.</exception>
    public static string PlaceOf(string path)
    {
        var place = path;
        Try(path, () => place = IsStream(path) ? Path.GetFullPath(path) : Target(path));
        return place;
    }

    private static void Try(string path, Action write)
    {
        if (string.IsNullOrWhiteSpace(path)) throw new PatchKernelException("There is no file to write to: the path is empty.");
        if (path.Contains('\0')) throw new PatchKernelException("There is no file to write to: the path has a character that no path can have.");
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PatchKernelException($"Cannot write '{path}': {(e is FileNotFoundException ? "no file can be made in that folder" : FileFault.Reason(path, e))}.", e);
        }
    }

    private static string Beside(string full)
    {
        if (Directory.Exists(full)) throw new FileFaultException("it is a folder; name a file in it");
        return Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetRandomFileName()}.tmp");
    }

    private static void WriteBeside(string full, Action<Stream> write)
    {
        var beside = Beside(full);
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

    private static bool IsStream(string path) => IsStandardOutput(path) || FileType.Irregular(path) is not null;

    // Standard output may be a file with something in it already: opened by its name, it would be written from its beginning.
    internal static bool IsStandardOutput(string path) => path is "/dev/stdout" or "/dev/fd/1" or "/proc/self/fd/1" && !OperatingSystem.IsWindows();

    private static void WriteTo(string path, Action<Stream> write)
    {
        using var stream = IsStandardOutput(path) ? Console.OpenStandardOutput() : new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        write(stream);
    }

    // Part by part, as the system does: a link's "../x" counts from the folder that the link really lies in.
    private static string Target(string path)
    {
        if (Path.EndsInDirectorySeparator(path)) throw new FileFaultException("it is a folder's name; name a file in it");
        var full = OperatingSystem.IsWindows() ? Path.GetFullPath(path) : Path.Combine(Environment.CurrentDirectory, path);
        var (done, links) = (Path.GetPathRoot(full)!, 0);
        var parts = new Stack<string>(Parts(full[done.Length..]));
        while (parts.TryPop(out var part))
        {
            if (part == "..") done = Path.GetDirectoryName(done) ?? done;
            if (part is "." or "..") continue;
            var next = Path.Combine(done, part);
            if (new FileInfo(next).LinkTarget is not { } link)
            {
                done = next;
                continue;
            }
            if (++links > MostLinks) throw new FileFaultException("its links lead in a circle");
            if (Path.IsPathRooted(link)) done = Path.GetPathRoot(link)!;
            foreach (var more in Parts(Path.IsPathRooted(link) ? link[done.Length..] : link)) parts.Push(more);
        }
        return done;
    }

    private static IEnumerable<string> Parts(string path) =>
        path.Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).Reverse();
}
