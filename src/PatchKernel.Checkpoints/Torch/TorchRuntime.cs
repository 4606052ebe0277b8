using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using TorchSharp;

namespace PatchKernel.Torch;

/// <summary>Loads libtorch, and says in one sentence what to do when that fails.</summary>
internal static partial class TorchRuntime
{
    private const string Platforms = "linux-x64 (glibc 2.34 or newer), win-x64 and osx-arm64";

    private static readonly Lazy<bool> Loaded = new(() => Load(TorchLibrary.Folders(Folder, AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string)));

    /// <summary>Where the library's own assembly lies; the application's folder for a program in one file, where it has no place of its own.</summary>
    public static string Folder
    {
        [UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = "No place is what it asks for.")]
        get => typeof(TorchRuntime).Assembly.Location is { Length: > 0 } path ? Path.GetDirectoryName(path)! : AppContext.BaseDirectory;
    }

    /// <summary>Loads libtorch, once; everything that uses tensors calls this first.</summary>
    /// <exception cref="PatchKernelException">The platform isn't supported, or the native library doesn't load.</exception>
    public static void EnsureLoaded() => _ = Loaded.Value;

    /// <summary>Loads libtorch from the first of these folders that has TorchSharp's library.</summary>
    internal static bool Load(IReadOnlyList<string> folders)
    {
        var (isSupported, name) = NativeLibraryHere();
        if (!isSupported)
            throw new PatchKernelException($"PatchKernel runs on {Platforms}, and this is {RuntimeInformation.RuntimeIdentifier}: use one of those.");

        var path = TorchLibrary.Find(name, folders) ?? throw new PatchKernelException($"TorchSharp's native library {name} isn't in {folders[0]}: "
            + "reference PatchKernel's project (`dotnet add reference PATH/src/PatchKernel/PatchKernel.csproj`), not its .dll alone, and build again.");
        try
        {
            // TorchSharp looks for it too, but on failure it copies 500 MB of libraries about and stays broken until the process ends.
            TorchLibrary.Load(path, folders);
            torch.InitializeDeviceType(DeviceType.CPU);
            ReuseFreedMemory();
            return true;
        }
        catch (Exception failure) when (failure is DllNotFoundException or BadImageFormatException or TypeInitializationException
            or NotSupportedException or EntryPointNotFoundException or ExternalException)
        {
            throw new PatchKernelException($"TorchSharp's native library doesn't load from {path}: delete the folders bin and obj of your project, "
                + $"build it on this machine{(OperatingSystem.IsMacOS() ? ", try `brew install libomp`" : "")}, and check that this is one of {Platforms}.", failure);
        }
    }

    /// <summary>Asks glibc to keep what large temporaries freed for the next ones.</summary>
    /// <remarks>
    /// By default it gives each one over 32 MB back to the system at once, and the next layer's same temporary is mapped and zeroed anew:
    /// a sweep took 7 % longer for it.
    /// </remarks>
    private static void ReuseFreedMemory()
    {
        const int trimThreshold = -1, mapThreshold = -3;
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            _ = MallocOption(mapThreshold, 1 << 30);
            _ = MallocOption(trimThreshold, int.MaxValue);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library, with habits of its own.
        }
    }

    /// <summary>Asks glibc to give back what was freed.</summary>
    /// <remarks>
    /// Tensors of many sizes leave holes that the next ones don't fill: the exact effects of GPT-2 small's 32,491 edges, in nine groups, took 1.9 GB
    /// where nothing was given back, and 1.4 GB where it was.
    /// </remarks>
    public static void GiveBackFreedMemory()
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            _ = MallocTrim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library, with habits of its own.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MallocTrim(nuint kept);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MallocOption(int option, int value);

    private static (bool IsSupported, string Name) NativeLibraryHere() => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 when OperatingSystem.IsLinux() => (true, "libLibTorchSharp.so"),
        Architecture.X64 when OperatingSystem.IsWindows() => (true, "LibTorchSharp.dll"),
        Architecture.Arm64 when OperatingSystem.IsMacOS() => (true, "libLibTorchSharp.dylib"),
        _ => (false, ""),
    };
}
