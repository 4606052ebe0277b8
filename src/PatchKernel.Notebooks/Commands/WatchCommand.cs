using System.CommandLine;
using PatchKernel.Cli;

namespace PatchKernel.Notebooks;

/// <summary><c>notebook watch</c>: runs a notebook again at each save, and serves a page that redraws.</summary>
internal static class WatchCommand
{
    public static Command Create(Terminal terminal, Interrupts interrupts)
    {
        var notebook = new Argument<string>("FILE") { Description = "The notebook, .dib or .ipynb." };
        var assignments = SetOption.Create();
        var port = new Option<int?>("--port") { Description = "The port of the page; any free one by default.", HelpName = "N" };
        port.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (!ushort.TryParse(token.Value, out var number) || number == 0))
                result.AddError($"--port takes a number from 1 to 65535, and '{token.Value}' is none");
        });
        var command = new Command("watch", "Runs a notebook again from the first changed cell at each save, and shows it on a page that redraws.")
        {
            notebook, assignments, port,
        };
        command.SetAction(async (parse, _) =>
        {
            var path = parse.GetValue(notebook)!;
            var set = SetOption.Read(parse.GetValue(assignments)!);
            SetOption.Apply(set, [NotebookFile.Load(path)]);
            using var watch = new NotebookWatch(path, set, parse.GetValue(port), terminal.Line);
            terminal.Line($"{watch.Address} shows {path} to this machine alone, and redraws when you save; Ctrl+C stops a running cell, or else ends.");
            interrupts.AreItsEnd = true;
            using var cells = interrupts.BeforeEnd(watch.StopCell);
            await watch.RunAsync(interrupts.End);
        });
        return command;
    }
}
