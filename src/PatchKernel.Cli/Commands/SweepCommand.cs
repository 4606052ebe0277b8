using System.CommandLine;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel sweep</c>: patches one site at every layer and position, and shows where the answer comes back.</summary>
internal static class SweepCommand
{
    public static Command Create(Terminal terminal, CancellationToken cancel)
    {
        var command = new Command(
            "sweep",
            "Patch every layer and position, and draw where the answer comes from. With no options: the tutorial's pair on the mini model.");
        PatchOptions? patches = null;
        var models = new ModelOptions(command);
        var pairs = new PairOptions(command, targetsNeeded: true) { IsByRole = parse => patches!.Roles(parse) is not null };
        var data = new DataOptions(command);
        patches = new PatchOptions(command);
        var run = new GridRun(models, pairs, data, patches, new LookOptions(command), new OutputFiles(command), terminal);
        command.SetAction(parse => run.Run(parse, cancel));
        return command;
    }
}
