using System.CommandLine;
using Microsoft.DotNet.Interactive.Documents;
using PatchKernel.Cli;
using PatchKernel.Text;

namespace PatchKernel.Notebooks;

/// <summary><c>notebook run</c>: runs notebooks, and writes each as .ipynb and .html with its outputs.</summary>
internal sealed class RunCommand
{
    private readonly Argument<string[]> notebooks = new("FILE")
    {
        Description = "Notebooks, .dib or .ipynb; each runs on its own, one after the other.",
        Arity = ArgumentArity.OneOrMore,
    };
    private readonly Option<string> folder = new("--out")
    {
        Description = "The folder that NAME.ipynb and NAME.html go to.",
        HelpName = "DIR",
        DefaultValueFactory = _ => ".",
    };
    private readonly Option<string[]> assignments = SetOption.Create();
    private readonly Terminal terminal;

    private RunCommand(Terminal terminal) => this.terminal = terminal;

    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal, CancellationToken cancel)
    {
        var run = new RunCommand(terminal);
        var command = new Command("run", "Runs notebooks from first cell to last, and writes each with its outputs as .ipynb and as one .html page.")
        {
            run.notebooks, run.folder, run.assignments,
        };
        command.SetAction(async (parse, _) => await run.RunAsync(parse, cancel));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancel)
    {
        var paths = parse.GetValue(notebooks)!;
        var documents = paths.Select(NotebookFile.Load).ToList();
        SetOption.Apply(SetOption.Read(parse.GetValue(assignments)!), documents);
        var outputs = Outputs(paths, parse.GetValue(folder)!);
        var failures = 0;
        string[] written = [.. outputs.SelectMany(output => (string[])[$"{output}.ipynb", $"{output}.html"])];
        foreach (var (path, document, output) in paths.Zip(documents, outputs))
            failures += await RunAsync(path, document, output, written, cancel) ? 0 : 1;
        return failures > 0 ? 1 : 0;
    }

    /// <summary>The paths to write to, without their endings; refused now, not after a long run.</summary>
    private static List<string> Outputs(string[] paths, string folder)
    {
        var outputs = paths.Select(path => Path.Combine(folder, Path.GetFileNameWithoutExtension(path))).ToList();
        var files = outputs.Select(output => Path.GetFullPath($"{output}.ipynb")).ToList();
        if (files.GroupBy(file => file).FirstOrDefault(same => same.Count() > 1) is { Key: var twice })
            throw new UsageException($"two notebooks would be written to '{twice}'; run them with different --out folders");
        if (Array.Find(paths, path => files.Contains(Path.GetFullPath(path))) is { } source)
            throw new UsageException($"the outputs of '{source}' would be written over it; give another folder by --out DIR");
        if (File.Exists(folder)) throw new UsageException($"--out takes a folder, and '{folder}' is a file");
        Directory.CreateDirectory(folder);
        files.ForEach(AtomicFile.Probe);
        return outputs;
    }

    private async Task<bool> RunAsync(string path, InteractiveDocument document, string output, string[] written, CancellationToken cancel)
    {
        var name = Path.GetFileName(path);
        var cells = document.Elements.Count(cell => cell.KernelName != NotebookFile.Markdown);
        var run = await CellProgress.DuringAsync(terminal, name, cells, next => NotebookRun.OfAsync(document, path, new($"{output}.html", written), next, cancel));
        cancel.ThrowIfCancellationRequested();
        NotebookFile.Save(document, $"{output}.ipynb", path, written);
        AtomicFile.Write($"{output}.html", run.Page);
        if (run.Failure is { } failure) terminal.Error($"{name}, cell {failure.Cell} of {cells}: {failure.Error.Message}");
        else terminal.Line(FormattableString.Invariant($"{name}: {Excerpt.Count(cells, "cell")} in {run.Time.TotalSeconds:0.0} s"));
        terminal.Line($"wrote {output}.ipynb and {output}.html");
        return run.Failure is null;
    }
}
