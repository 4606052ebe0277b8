using System.Runtime.InteropServices;
using PatchKernel.Cli;
using PatchKernel.Notebooks;

// The command runs on another thread, so that Ctrl+C ends it within a second whatever a cell is computing.
using var interrupts = new Interrupts();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = interrupts.Interrupt());
using var others = ProcessEnd.OnSignals(signal => signal.Cancel = interrupts.Terminate());
ProcessEnd.WithParent(() => interrupts.Terminate());
var terminal = Terminal.OfProcess();
var command = Task.Run(() => NotebookCommandLine.Run(args, terminal, interrupts));
WaitHandle.WaitAny([((IAsyncResult)command).AsyncWaitHandle, interrupts.End.WaitHandle]);
if (!interrupts.End.IsCancellationRequested) return command.Result;
var ended = ((IAsyncResult)command).AsyncWaitHandle.WaitOne(TimeSpan.FromSeconds(0.8));
// A stopped cell may still be inside libtorch, or its compiler.
if (ended || interrupts.AreItsEnd) ProcessEnd.AtOnce(ended ? command.Result : 0, terminal, null);
ProcessEnd.AtOnce(1, terminal, NotebookCommandLine.Stopped);
return 1;
