using System.CommandLine;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel experiment chart</c>: a study's averages as curves with their intervals, or as colours.</summary>
internal sealed class ExperimentChartCommand
{
    private readonly Argument<string> folder = new("DIR") { Description = "The study's folder." };
    private readonly Option<string> kind = OptionOf.Words("--kind", "Curves with 95 % intervals, or a heatmap; auto draws curves where there are few enough to tell apart.", "auto", "curves", "heatmap");
    private readonly Option<string?> by = OptionOf.Text("--by", "COLUMN", "A panel for each group of pairs, by a column of the data such as relation.");
    private readonly Option<string?> metric = OptionOf.Text("--metric", "NAME", "The metric; by default the first that has scores.");
    private readonly Option<string?> model = OptionOf.Text("--model", "NAME", "One model of several.");
    private readonly Option<string?> site = OptionOf.Text("--site", "NAME", "One site of several.");
    private readonly Option<string?> direction = OptionOf.Text("--direction", "NAME", "One direction of both.");
    private readonly Option<string?> roles = OptionOf.Text("--roles", "A,B", "Some roles of many, in this order.");
    private readonly OutputFiles files;
    private readonly Terminal terminal;

    private ExperimentChartCommand(Command command, Terminal terminal)
    {
        this.terminal = terminal;
        command.Arguments.Add(folder);
        foreach (var option in (Option[])[kind, by, metric, model, site, direction, roles]) command.Options.Add(option);
        files = new OutputFiles(command, "study.html", hasNumbers: false);
    }

    public static Command Create(Terminal terminal)
    {
        var command = new Command("chart", "Draw a study's averages over pairs.");
        var chart = new ExperimentChartCommand(command, terminal);
        command.SetAction(chart.Run);
        return command;
    }

    private int Run(ParseResult parse)
    {
        files.RefuseNone(parse);
        var file = SummaryOf(parse.GetValue(folder)!);
        files.Probe(parse);
        files.RefuseInputs(parse, file);
        var summary = StudySummary.Load(file);
        var options = new StudyChartOptions
        {
            By = parse.GetValue(by),
            Metric = parse.GetValue(metric),
            Model = parse.GetValue(model),
            Site = parse.GetValue(site),
            Direction = parse.GetValue(direction),
            Roles = parse.GetValue(roles)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            Font = files.Font(parse),
        };
        var chart = parse.GetValue(kind) switch
        {
            "heatmap" => StudyChart.Heatmap(summary, options),
            "curves" => StudyChart.Curves(summary, options),
            _ => StudyChart.Draw(summary, options),
        };
        return files.Write(parse, null, chart, terminal, terminal) ? 0 : 1;
    }

    /// <summary>The summary's file.</summary>
    /// <exception cref="PatchKernelException">The folder has none: it holds no study, or one that isn't finished.</exception>
    private static string SummaryOf(string folder)
    {
        var file = Path.Combine(folder, Experiment.SummaryName);
        if (File.Exists(file)) return file;
        var status = Experiment.Status(folder);
        throw new PatchKernelException($"'{folder}' has no tables yet. {status} "
            + (status.IsComplete ? $"Write them with 'patchkernel experiment merge {folder}'." : "Run the study again, which goes on and then writes them."));
    }
}
