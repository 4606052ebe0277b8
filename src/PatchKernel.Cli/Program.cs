using System.Runtime.InteropServices;
using PatchKernel.Cli;
using PatchKernel.Cli.Commands;

if (args is [NotebookCommand.Name, .. var rest]) return NotebookCommand.Run(rest);

// The command runs on another thread, so that Ctrl+C ends it within a second whatever that thread is computing.
using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var others = ProcessEnd.OnSignals(Stop);
var terminal = Terminal.OfProcess();
var command = Task.Run(() => CommandLine.Run(args, terminal, stop.Token));
WaitHandle.WaitAny([((IAsyncResult)command).AsyncWaitHandle, stop.Token.WaitHandle]);
if (((IAsyncResult)command).AsyncWaitHandle.WaitOne(TimeSpan.FromSeconds(0.8))) return command.Result;
ProcessEnd.AtOnce(1, terminal, CommandLine.Stopped);
return 1;

void Stop(PosixSignalContext signal)
{
    // A second Ctrl+C ends the process the system's way.
    signal.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}
