using System.Runtime.InteropServices;

namespace PatchKernel.Files;

/// <summary>Says why a file can't be read or written, as the end of a sentence.</summary>
internal static class FileFault
{
    /// <summary>The reason.</summary>
    /// <param name="path">The file.</param>
    /// <param name="e">What its reading or writing threw.</param>
    public static string Reason(string path, Exception e) => e switch
    {
        FileFaultException => e.Message,
        DirectoryNotFoundException => $"the folder '{Path.GetDirectoryName(Path.GetFullPath(path))}' does not exist",
        FileNotFoundException => "there is no such file",
        UnauthorizedAccessException when Directory.Exists(path) => "it is a folder",
        UnauthorizedAccessException => "permission denied",
        PathTooLongException => "its name is too long",
        EndOfStreamException => "it ends too early",
        NotSupportedException => "it is no plain file",
        _ => Reason(e.HResult),
    };

    // .NET hands on a Unix system's own number, and of Windows' the lower half.
    private static string Reason(int code) => (OperatingSystem.IsWindows(), OperatingSystem.IsWindows() ? code & 0xFFFF : code) switch
    {
        (false, 28) or (true, 112 or 39) => "no space is left on the disk",
        (false, 122 or 69) => "the disk's quota is used up",
        (false, 30) or (true, 19) => "the disk is read-only",
        (false, 32) or (true, 109 or 232) => "whoever read it has gone",
        (false, 11 or 35) or (true, 32 or 33) => "another program holds it",
        (_, var other) => $"the system says \"{Marshal.GetPInvokeErrorMessage(other)}\"",
    };
}

/// <summary>A fault that the program itself found in a file; the message ends a sentence.</summary>
internal sealed class FileFaultException(string message) : IOException(message);
