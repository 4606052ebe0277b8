using System.CommandLine;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel experiment</c>: studies of many pairs, from a file to tables.</summary>
internal static class ExperimentCommand
{
    private const int MostListed = 20;

    public static Command Create(Terminal terminal, CancellationToken cancel) =>
        new("experiment", "Run a study of many pairs, on one machine or many, and write its tables; stopped at any moment, it goes on where it was.")
        {
            Check(terminal, cancel),
            ExperimentRunCommand.Create(terminal, cancel),
            ExperimentSubmitCommand.Create(terminal),
            Status(terminal),
            Merge(terminal),
            ExperimentChartCommand.Create(terminal),
        };

    /// <summary>The folder that a study writes to.</summary>
    public static Option<string> Output(string description)
    {
        var option = new Option<string>("--out") { Description = description, HelpName = "DIR", Required = true };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && string.IsNullOrWhiteSpace(token.Value)) result.AddError("--out takes a folder, and its name is empty");
        });
        return option;
    }

    private static Argument<string> Folder() => new("DIR") { Description = "The study's folder." };

    private static Command Check(Terminal terminal, CancellationToken cancel)
    {
        var command = new Command("check", "Say what a study would run: pairs, cells, memory and work. No weights are read.");
        var studies = new StudyOptions(command);
        command.SetAction(parse =>
        {
            var plan = Experiment.Check(studies.Read(parse), cancel: cancel);
            foreach (var line in plan.ToString().Split('\n')) terminal.Prose(line);
            foreach (var row in plan.Skipped.Take(MostListed)) terminal.Note($"left out, {row}");
            foreach (var warning in plan.Warnings.Take(MostListed)) terminal.Note(warning.ToString());
            if (Math.Max(plan.Skipped.Count, plan.Warnings.Count) > MostListed) terminal.Note($"and more: {plan.Skipped.Count} rows are left out, and there are {plan.Warnings.Count} warnings");
            return 0;
        });
        return command;
    }

    private static Command Status(Terminal terminal)
    {
        var folder = Folder();
        var command = new Command("status", "Say how far a study is.") { folder };
        command.SetAction(parse =>
        {
            var status = Experiment.Status(parse.GetValue(folder)!);
            terminal.Prose($"{status}");
            if (!status.IsComplete) terminal.Prose($"Missing: {status.MissingText}.");
            return 0;
        });
        return command;
    }

    private static Command Merge(Terminal terminal)
    {
        var (folder, csv) = (Folder(), ExperimentRunCommand.CsvOption());
        var command = new Command("merge", "Write the tables of a study whose units are all done.") { folder, csv };
        command.SetAction(parse =>
        {
            terminal.Prose($"{Experiment.Merge(parse.GetValue(folder)!, parse.GetValue(csv))}");
            terminal.Line(ExperimentRunCommand.Wrote(parse.GetValue(folder)!, parse.GetValue(csv)));
            return 0;
        });
        return command;
    }
}
