using System.IO.Pipes;
using System.Runtime.InteropServices;

namespace PatchKernel.Cli;

/// <summary>How the process is ended from outside, and how it ends while another thread is inside libtorch.</summary>
internal static partial class ProcessEnd
{
    /// <summary>The variable that names the pipe which a parent holds open as long as it lives.</summary>
    public const string ParentPipe = "PATCHKERNEL_PARENT_PIPE";

    // SIGHUP comes when the terminal is closed, SIGQUIT by Ctrl+\; on Windows they are the closing of the console and Ctrl+Break.
    private static readonly PosixSignal[] Ends = [PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];

    /// <summary>Handles every signal that asks the process to end, but for Ctrl+C; a signal that was ignored from the start, as by nohup, stays ignored.</summary>
    /// <returns>Handles them no longer when it is disposed.</returns>
    public static IDisposable OnSignals(Action<PosixSignalContext> handle) => new Registrations([.. Ends.Select(signal => PosixSignalRegistration.Create(signal, handle))]);

    /// <summary>Calls back once the parent has ended, in whatever way; never where none waits for this process.</summary>
    public static void WithParent(Action ended)
    {
        if (Environment.GetEnvironmentVariable(ParentPipe) is not { Length: > 0 } handle) return;
        // What a cell starts is not the parent's child.
        Environment.SetEnvironmentVariable(ParentPipe, null);
        var pipe = new AnonymousPipeClientStream(PipeDirection.In, handle);
        var waiting = new Thread(() =>
        {
            using (pipe) _ = pipe.ReadByte();
            ended();
        });
        (waiting.IsBackground, waiting.Name) = (true, "waits for the parent's end");
        waiting.Start();
    }

    /// <summary>Ends at once: libtorch's own clean-up under a computing thread could crash or hang.</summary>
    /// <param name="exitCode">The exit code.</param>
    /// <param name="terminal">Gets its cursor back.</param>
    /// <param name="message">The last error to write; null for none.</param>
    public static void AtOnce(int exitCode, Terminal terminal, string? message)
    {
        terminal.ShowCursor();
        if (message is not null) terminal.Error(message);
        if (OperatingSystem.IsWindows()) Environment.Exit(exitCode);
        else ExitNow(exitCode);
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void ExitNow(int exitCode);

    private sealed class Registrations(PosixSignalRegistration[] registrations) : IDisposable
    {
        public void Dispose()
        {
            foreach (var registration in registrations) registration.Dispose();
        }
    }
}
