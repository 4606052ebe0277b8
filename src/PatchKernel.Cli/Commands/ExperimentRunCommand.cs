using System.CommandLine;
using System.Runtime.InteropServices;
using PatchKernel.Text;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel experiment run</c>: runs what is missing of a study.</summary>
internal sealed class ExperimentRunCommand
{
    // Slurm's warning before a time limit; .NET has no name for it, and on other systems than Linux its number is another signal's.
    private const int Usr1 = 10;

    private readonly Option<string> output = ExperimentCommand.Output("The folder of results; one that was begun is gone on with.");
    private readonly Option<string?> shard = OptionOf.Text("--shard", "K/N", "This process's share of the work; in a Slurm array its task's, without a word.");
    private readonly Option<int?> threads = OptionOf.Count("--threads", "N", "CPU threads, fixed at the first start: with another number the last digits differ.", most: 1024);
    private readonly Option<bool> csv = CsvOption();
    private readonly StudyOptions studies;
    private readonly Terminal terminal;

    private ExperimentRunCommand(Command command, Terminal terminal)
    {
        this.terminal = terminal;
        studies = new StudyOptions(command);
        foreach (var option in (Option[])[output, shard, threads, csv]) command.Options.Add(option);
    }

    public static Option<bool> CsvOption() => new("--csv") { Description = "Write results.csv beside results.parquet." };

    public static Command Create(Terminal terminal, CancellationToken cancel)
    {
        var command = new Command("run", "Run what is missing of a study, and write its tables once nothing is.");
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
        var status = ProgressBars.Counted(terminal, "study", bar => Experiment.Run(study, parse.GetValue(output)!, options, bar is null ? new Lines(terminal) : new Bar(bar), cancel));
        terminal.Prose($"{status}");
        return status.Missing.Any(unit => options.Shard?.Has(unit) ?? true) ? 1 : 0;
    }

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
        terminal.Note("asked to end: the unit at hand is finished first");
        soon.Cancel();
    }

    /// <summary>A bar over all units, where somebody is watching.</summary>
    private sealed class Bar(IProgress<SweepProgress> bar) : IProgress<ExperimentProgress>
    {
        private const int Steps = 1000;

        public void Report(ExperimentProgress value) => bar.Report(new((int)((value.Done + value.OfUnit) * Steps), value.Total * Steps));
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
