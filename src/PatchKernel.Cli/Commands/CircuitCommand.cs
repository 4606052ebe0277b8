using System.CommandLine;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel circuit</c>: circuits cut out of scored edges, drawn, and put to the test.</summary>
internal static class CircuitCommand
{
    public static Command Create(Terminal terminal, CancellationToken cancel) =>
        new("circuit", "Cut a circuit out of scored edges, draw it, and test what it does by itself.")
        {
            CircuitFindCommand.Create(terminal),
            CircuitTestCommand.Create(terminal, cancel),
            CircuitCurveCommand.Create(terminal, cancel),
            CircuitDrawCommand.Create(terminal),
        };

    /// <summary>The file that a command reads.</summary>
    public static Argument<string> File(string description) => new("FILE") { Description = description };
}
