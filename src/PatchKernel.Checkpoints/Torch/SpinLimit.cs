using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PatchKernel.Torch;

/// <summary>Limits how long libtorch's threads spin while they wait for work.</summary>
/// <remarks>
/// A thread that spins keeps its core from the thread that it waits for. Alone on a machine that costs nothing; beside another busy program, or another
/// sweep, the default made a sweep 3 to 10 times slower, where its share of the cores would be half. `benchmarks --busy` measures it.
/// The OpenMP library reads its environment when it is loaded, so the variable has to be in the process's own before anything touches TorchSharp.
/// </remarks>
internal static partial class SpinLimit
{
    /// <summary>Turns of libgomp's waiting loop, tens of microseconds: enough for threads that finish together, 300 times less than its default.</summary>
    private const string Turns = "1000";

    /// <summary>Milliseconds that Intel's and LLVM's libraries spin: by default 200, at 0 a sweep alone is 10 % slower (LLVM 14, tried on Linux).</summary>
    private const string Milliseconds = "1";

    /// <summary>Sets the limit, unless the user's environment has one.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "It has to run before TorchSharp is touched, whichever program or notebook loads the library.")]
    internal static void Set()
    {
        // libtorch comes with libgomp for Linux, with Intel's libiomp5 for Windows and LLVM's libomp for macOS.
        var (name, value) = OperatingSystem.IsLinux() ? ("GOMP_SPINCOUNT", Turns) : ("KMP_BLOCKTIME", Milliseconds);
        string[] said = [name, "OMP_WAIT_POLICY", "KMP_LIBRARY"];
        if (said.Any(variable => Environment.GetEnvironmentVariable(variable) is not null)) return;

        // Elsewhere than on Windows, .NET's own copy of the environment never reaches native code.
        if (OperatingSystem.IsWindows()) Environment.SetEnvironmentVariable(name, value);
        else SetNative(name, value);
    }

    private static void SetNative(string name, string value)
    {
        try
        {
            _ = SetEnvironment(name, value, overwrite: 0);
        }
        catch (Exception failure) when (failure is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library: the threads spin as they do by default, and every number is the same.
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
