using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel notebook</c>: a program of its own, so that no other command carries a compiler.</summary>
internal static partial class NotebookCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "notebook";

    private const string Project = "PatchKernel.Notebooks";
    private const int Terminate = 15;

    /// <summary>The command as the help lists it.</summary>
    public static Command Create() => new(Name, "Runs, converts and watches notebooks without an editor.");

    /// <summary>Starts the program with the process's own streams, and waits for it.</summary>
    /// <param name="args">What follows the command's name.</param>
    /// <param name="terminal">Takes the error where there is no such program.</param>
    /// <returns>Its exit code.</returns>
    public static int Run(IEnumerable<string> args, Terminal terminal)
    {
        if (Find() is not { } program)
        {
            terminal.Error($"{Project} isn't built beside this command: run `dotnet build -c Release` in PatchKernel's own folder.");
            return 1;
        }
        // Ctrl+C reaches the program too, and it decides what to stop; other signals are passed on.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        using var process = Process.Start(new ProcessStartInfo(Host(), [program, .. args]))!;
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => signal.Cancel = End(process));
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>Published, it lies in a folder of its own beside the command; built, where its project puts it.</summary>
    private static string? Find()
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

    private static bool End(Process process)
    {
        if (OperatingSystem.IsWindows()) process.Kill();
        else _ = Kill(process.Id, Terminate);
        return true;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);
}
