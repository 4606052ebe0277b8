using System.Diagnostics;

namespace PatchKernel.Tests;

/// <summary>A small file system in memory; the test is skipped where none can be mounted.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string path;

    public SmallDisk(string path, string size)
    {
        this.path = path;
        Directory.CreateDirectory(path);
        var mounted = OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", $"size={size}", "none", path);
        Assert.SkipUnless(mounted, "needs the right to mount a small tmpfs (root)");
    }

    /// <summary>Takes all space that is left.</summary>
    public void Fill()
    {
        using var file = new FileStream(Path.Combine(path, "filler"), FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true) file.Write(new byte[1]);
        }
        catch (IOException)
        {
            // It is full.
        }
    }

    public void Resize(string size) => Assert.True(Run("mount", "-o", $"remount,size={size}", path));

    public void Dispose() => Run("umount", path);

    private static bool Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true });
        process!.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
