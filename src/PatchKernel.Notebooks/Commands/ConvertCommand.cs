using System.CommandLine;
using PatchKernel.Cli;

namespace PatchKernel.Notebooks;

/// <summary><c>notebook convert</c>: between .dib and .ipynb.</summary>
internal static class ConvertCommand
{
    public static Command Create(Terminal terminal)
    {
        var from = new Argument<string>("FROM") { Description = "The notebook to read, .dib or .ipynb." };
        var to = new Argument<string>("TO") { Description = "The notebook to write; its ending says in which format. A .dib has no outputs." };
        var command = new Command("convert", "Writes a notebook in the other format: cells, kernels and metadata stay, and links to notebooks lead to that format where those are there too.") { from, to };
        command.SetAction(parse =>
        {
            var (source, target) = (parse.GetValue(from)!, parse.GetValue(to)!);
            if (Path.GetFullPath(source) == Path.GetFullPath(target)) throw new UsageException("FROM and TO are the same file");
            _ = NotebookFile.IsDib(target);
            NotebookFile.Save(NotebookFile.Load(source), target);
            terminal.Line($"wrote {target}");
        });
        return command;
    }
}
