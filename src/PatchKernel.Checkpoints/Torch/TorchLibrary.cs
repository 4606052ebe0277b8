using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using PatchKernel.Build;

namespace PatchKernel.Torch;

/// <summary>Finds TorchSharp's native library and loads it, with an edit where the system's C++ library is too old for the published one.</summary>
internal static partial class TorchLibrary
{
    /// <summary>Loads TorchSharp's library; libtorch is in one of the folders.</summary>
    /// <exception cref="DllNotFoundException">It doesn't load.</exception>
    public static void Load(string path, IReadOnlyList<string> folders)
    {
        // libtorch for macOS asks for Homebrew's libomp, though it brings one along: that one, loaded first, has the name that is asked for.
        if (OperatingSystem.IsMacOS() && Find("libomp.dylib", folders) is { } openMp) NativeLibrary.Load(openMp);
        try
        {
            NativeLibrary.Load(path);
        }
        catch (DllNotFoundException) when (OperatingSystem.IsLinux())
        {
            var library = File.ReadAllBytes(path);
            if (NativeLibraryFix.Apply(library) != NativeLibraryFixOutcome.Edited) throw;
            LoadFromMemory(Path.GetFileName(path), library, folders);
        }
    }

    /// <summary>Where native libraries lie: beside the library's own assembly, and where .NET's host looks for those of a project that references it.</summary>
    /// <param name="folder">The assembly's folder.</param>
    /// <param name="hostsFolders">The host's list, as it gives it.</param>
    public static IReadOnlyList<string> Folders(string folder, string? hostsFolders) =>
        [folder, .. (hostsFolders ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>The library's path in the first of the folders that has it; null where none has.</summary>
    public static string? Find(string name, IReadOnlyList<string> folders) => folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Loads an edited library without writing a file: the folder may be read-only, or a hard link into the package cache.</summary>
    /// <remarks>
    /// In memory it has no folder to look for libtorch in, so that is loaded first. TorchSharp asks for the library once more: what lies on disk still
    /// doesn't load, and then the system's loader answers the bare name with the library of that name that is there.
    /// </remarks>
    private static void LoadFromMemory(string name, byte[] library, IReadOnlyList<string> folders)
    {
        foreach (var needed in (string[])["libc10.so", "libtorch_cpu.so", "libtorch.so"])
            if (Find(needed, folders) is { } path) NativeLibrary.Load(path);
        const uint closeOnExec = 1;
        using var handle = new SafeFileHandle(CreateMemoryFile(name, closeOnExec), ownsHandle: true);
        if (handle.IsInvalid) throw new DllNotFoundException($"{name} needs a newer libstdc++, and the system gives no memory file for the mended one.");
        RandomAccess.Write(handle, library, 0);
        NativeLibrary.Load($"/proc/self/fd/{handle.DangerousGetHandle()}");
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int CreateMemoryFile(string name, uint flags);
}
