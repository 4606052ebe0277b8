using System.CommandLine;
using System.Runtime.InteropServices;
using PatchKernel.Text;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel experiment run</c>: runs a study, or what is missing of it.</summary>
internal sealed class ExperimentRunCommand
{
    // Slurm's warning before a time limit; .NET has no name for it, and on other systems than Linux its number is another signal's.
    private const int Usr1 = 10;

    private readonly Option<string> output = ExperimentCommand.Output("The folder of results; a study that was begun there goes on.");
    private readonly Option<string?> shard = OptionOf.Text("--shard", "K/N", "This process's share of the work; a task of a Slurm array takes its own by itself.");
    private readonly Option<int?> threads = OptionOf.Count("--threads", "N", "CPU threads, fixed at the first start, since another number changes the last digits.", most: 1024);
    private readonly Option<bool> csv = CsvOption();
    private readonly StudyOptions studies;
    private readonly Terminal terminal;

    private ExperimentRunCommand(Command command, Terminal terminal)
    {
        this.terminal = terminal;
        studies = new StudyOptions(command);
        foreach (var option in (Option[])[output, shard, threads, csv]) command.Options.Add(option);
    }

    public static Option<bool> CsvOption() => new("--csv") { Description = "Write results.csv and pairs.csv too." };

    public static Command Create(Terminal terminal, CancellationToken cancel)
    {
        var command = new Command("run", "Run a study, or what is missing of it, and write its tables.");
        var run = new ExperimentRunCommand(command, terminal);
        command.SetAction(parse => run.Run(parse, cancel));
        return command;
    }

    private int Run(ParseResult parse, CancellationToken cancel)
    {
        var study = studies.Read(parse);
        using var soon = new CancellationTokenSource();
        using var warned = OperatingSystem.IsLinux() ? PosixSignalRegistration.Create((PosixSignal)Usr1, signal => EndSoon(signal, soon)) : null;
        var options = new ExperimentOptions
        {
            Threads = parse.GetValue(threads),
            Shard = ShardOf(parse),
            Csv = parse.GetValue(csv),
            CommandLine = string.Join(' ', Environment.GetCommandLineArgs().Skip(1)),
            EndSoon = soon.Token,
        };
        var (folder, notes) = (parse.GetValue(output)!, new List<string>());
        var status = ProgressBars.Counted(terminal, "study", bar => Experiment.Run(study, folder, options, bar is null ? new Lines(terminal) : new Bar(bar, notes), cancel));
        foreach (var note in notes) terminal.Note(note);
        terminal.Prose($"{status}");
        if (status.IsComplete)
            terminal.Line(options.Shard is null ? Wrote(folder, options.Csv) : $"the tables are written by: patchkernel experiment merge {folder}");
        return status.Missing.Any(unit => options.Shard?.Has(unit) ?? true) ? 1 : 0;
    }

    /// <summary>The line on a study's tables.</summary>
    public static string Wrote(string folder, bool csv) => $"wrote {string.Join(", ", Experiment.TableNames(csv).Select(name => Path.Combine(folder, name)))}";

    private Shard? ShardOf(ParseResult parse)
    {
        if (parse.GetValue(shard) is { } text) return Shard.Parse(text);
        var share = Shard.OfScheduler(Environment.GetEnvironmentVariable, out var note);
        if (note is not null) terminal.Note(note);
        if (share is not null) terminal.Note($"share {share} of the units");
        return share;
    }

    private void EndSoon(PosixSignalContext signal, CancellationTokenSource soon)
    {
        signal.Cancel = true;
        terminal.Note("asked to end: the current unit is finished first");
        soon.Cancel();
    }

    /// <summary>A bar over all units, where somebody is watching; notes stand below it in the end.</summary>
    private sealed class Bar(IProgress<SweepProgress> bar, List<string> notes) : IProgress<ExperimentProgress>
    {
        private const int Steps = 1000;

        public void Report(ExperimentProgress value)
        {
            if (value.IsNote) notes.Add(value.Message!);
            else bar.Report(new((int)((value.Done + value.OfUnit) * Steps), value.Total * Steps));
        }
    }

    /// <summary>A line a unit.</summary>
    private sealed class Lines(Terminal terminal) : IProgress<ExperimentProgress>
    {
        public void Report(ExperimentProgress value)
        {
            if (value.Message is not { } message) return;
            terminal.Note(value.Left is { } left && left > TimeSpan.Zero ? $"{message}; about {Duration.Text(left)} left" : message);
        }
    }
}
