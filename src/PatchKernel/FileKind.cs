using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace PatchKernel;

/// <summary>Tells files from pipes and devices, which can't be replaced, and where reading or opening may wait for ever.</summary>
internal static partial class FileKind
{
    private const int StatusBytes = 512; // more than any system's structure has
    private const int TypeBits = 0xF000;
    private const int RegularFile = 0x8000;
    private const int Folder = 0x4000;

    /// <summary>Whether a path leads to a pipe, a device or a socket; nothing is opened.</summary>
    public static bool IsStream(string path)
    {
        if (OperatingSystem.IsWindows()) return Path.GetFullPath(path).StartsWith(@"\\.\", StringComparison.Ordinal); // CON, NUL, \\.\pipe\…
        return Type(path) is { } type and not (RegularFile or Folder);
    }

    /// <summary>The type in the status of what a path leads to, links followed; null where nothing is there.</summary>
    private static int? Type(string path)
    {
        const int currentFolder = -100, followLinks = 0, typeAlone = 1, modeInLinux = 28, modeInMacOS = 4;
        var status = new byte[StatusBytes];
        var found = OperatingSystem.IsLinux()
            ? Statx(currentFolder, path, followLinks, typeAlone, status)
            : RuntimeInformation.ProcessArchitecture == Architecture.X64 ? Stat64(path, status) : Stat(path, status);
        if (found != 0) return null;
        return BinaryPrimitives.ReadUInt16LittleEndian(status.AsSpan(OperatingSystem.IsLinux() ? modeInLinux : modeInMacOS)) & TypeBits;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Statx(int folder, string path, int flags, uint mask, [Out] byte[] status);

    [LibraryImport("libc", EntryPoint = "stat", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Stat(string path, [Out] byte[] status);

    [LibraryImport("libc", EntryPoint = "stat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Stat64(string path, [Out] byte[] status);
}
