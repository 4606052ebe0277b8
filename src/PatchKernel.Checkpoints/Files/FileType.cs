using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace PatchKernel.Files;

/// <summary>Finds out whether a path names a pipe, a socket or a device; .NET doesn't say, and opening a pipe would wait for its writer.</summary>
internal static partial class FileType
{
    private const int WorkingDirectory = -100; // AT_FDCWD
    private const uint WantType = 1;           // STATX_TYPE
    private const int StatxModeAt = 28;        // the same on every architecture
    private const int MacModeAt = 4;
    private const int StructBytes = 256;       // more than either structure has
    private const int TypeBits = 0xF000;

    /// <summary>"a pipe", "a socket" and the like; null for a file, a folder, nothing, or where the system doesn't say.</summary>
    public static string? Irregular(string path) => OperatingSystem.IsWindows() ? OnWindows(path) : (Mode(path) & TypeBits) switch
    {
        0x1000 => "a pipe",
        0x2000 or 0x6000 => "a device",
        0xC000 => "a socket",
        _ => null,
    };

    // CON, NUL and the like, and pipes, have full paths of this kind; files never do.
    private static string? OnWindows(string path) =>
        path.Length > 0 && !path.Contains('\0') && Path.GetFullPath(path).StartsWith(@"\\.\", StringComparison.Ordinal) ? "a device or a pipe" : null;

    private static int Mode(string path)
    {
        var status = new byte[StructBytes];
        try
        {
            if (OperatingSystem.IsLinux())
                return Statx(WorkingDirectory, path, 0, WantType, status) == 0 ? BitConverter.ToUInt16(status, StatxModeAt) : 0;
            // An Intel Mac's stat has another name and fields of another size; it isn't supported anyway.
            if (OperatingSystem.IsMacOS() && RuntimeInformation.ProcessArchitecture == Architecture.Arm64)
                return Stat(path, status) == 0 ? BinaryPrimitives.ReadUInt16LittleEndian(status.AsSpan(MacModeAt)) : 0;
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            // Another C library: then a pipe is opened, and waited for.
        }
        return 0;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Statx(int folder, string path, int flags, uint wanted, [Out] byte[] status);

    [LibraryImport("libc", EntryPoint = "stat", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Stat(string path, [Out] byte[] status);
}
