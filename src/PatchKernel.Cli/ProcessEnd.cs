using System.Runtime.InteropServices;

namespace PatchKernel.Cli;

/// <summary>Ends the process while another thread is inside libtorch.</summary>
internal static partial class ProcessEnd
{
    /// <summary>Ends at once: libtorch's own clean-up under a computing thread could crash or hang.</summary>
    public static void AtOnce(int exitCode)
    {
        if (OperatingSystem.IsWindows()) Environment.Exit(exitCode);
        else ExitNow(exitCode);
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void ExitNow(int exitCode);
}
