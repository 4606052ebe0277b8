using System.CommandLine;
using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel notebook</c>: a program of its own, so that no other command carries a compiler.</summary>
internal static partial class NotebookCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "notebook";

    private const string Project = "PatchKernel.Notebooks";

    /// <summary>The command as the help lists it.</summary>
    public static Command Create() => new(Name, "Runs, converts and watches notebooks without an editor.");

    /// <summary>Goes on as the program, where the system has that (Linux, macOS), or starts it and waits for it (Windows).</summary>
    /// <param name="args">What follows the command's name.</param>
    /// <returns>The program's exit code, or that of an error.</returns>
    /// <remarks>
    /// On Linux and macOS this process becomes the program: there is no child that could outlive it, and whatever signal it is sent, kill -9 included, the
    /// program gets. It must not have touched the console before. On Windows, where no process can become another, <see cref="RunBeside"/> says what ends it.
    /// </remarks>
    public static int Run(IReadOnlyList<string> args)
    {
        if (Find() is not { } program)
            return Failed($"{Project} isn't built beside this command: run `dotnet build -c Release` in PatchKernel's own folder.");
        if (OperatingSystem.IsWindows()) return RunBeside(program, args);
        _ = Become(Host(), [Host(), program, .. args, null]);
        return Failed($"{Host()} can't be started: {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    /// <summary>Starts the program with the process's own streams, and waits for it.</summary>
    /// <remarks>
    /// The program reads from a pipe to which nothing is written: the system closes it when this process ends, in whatever way, and then the program ends as
    /// by a signal. Ctrl+C and the closing of the console reach both; the program decides what Ctrl+C stops.
    /// </remarks>
    internal static int RunBeside(string program, IEnumerable<string> args)
    {
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        using var alive = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.Inheritable);
        var start = new ProcessStartInfo(Host(), [program, .. args]);
        start.Environment[ProcessEnd.ParentPipe] = alive.GetClientHandleAsString();
        using var process = Process.Start(start)!;
        alive.DisposeLocalCopyOfClientHandle();
        process.WaitForExit();
        return process.ExitCode;
    }

    private static int Failed(string message)
    {
        Terminal.OfProcess().Error(message);
        return 1;
    }

    /// <summary>Published, it lies in a folder of its own beside the command; built, where its project puts it.</summary>
    internal static string? Find()
    {
        var published = Path.Combine(AppContext.BaseDirectory, Name, $"{Project}.dll");
        if (File.Exists(published)) return published;
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var built = Path.Combine("src", Project, "bin", here.Parent?.Name ?? "", here.Name, $"{Project}.dll");
        for (var folder = here.Parent; folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, built)))
                return Path.Combine(folder.FullName, built);
        return null;
    }

    /// <summary>The <c>dotnet</c> that runs this process.</summary>
    private static string Host() =>
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    /// <summary>Replaces this process's program by another one; returns only where that fails.</summary>
    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Become(string path, [In, MarshalUsing(typeof(Utf8StringMarshaller), ElementIndirectionDepth = 1)] string?[] arguments);
}
