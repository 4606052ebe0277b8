using System.CommandLine;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel sweep</c>: patches one site at every layer and position, and shows where the answer comes back.</summary>
internal sealed class SweepCommand
{
    private readonly Option<bool> signed = new("--signed")
    {
        Description = "Colours from minus to plus, symmetric about 0, instead of 0 to 1; heads with negative scores have them unless it is false.",
    };
    private readonly Option<bool> raw = new("--raw") { Description = "Draw the metric's own numbers instead of its normalised score." };
    private readonly ModelOptions models;
    private readonly PairOptions pairs;
    private readonly DataOptions data;
    private readonly PatchOptions patches;
    private readonly OutputFiles files;
    private readonly Terminal terminal;

    private SweepCommand(Command command, Terminal terminal)
    {
        this.terminal = terminal;
        models = new ModelOptions(command);
        pairs = new PairOptions(command, targetsNeeded: true) { IsByRole = parse => patches!.Roles(parse) is not null };
        data = new DataOptions(command);
        patches = new PatchOptions(command);
        command.Options.Add(signed);
        command.Options.Add(raw);
        files = new OutputFiles(command);
    }

    public static Command Create(Terminal terminal, CancellationToken cancel)
    {
        var command = new Command(
            "sweep",
            "Patch every layer and position, and draw where the answer comes from. With no options: the tutorial's pair on the mini model.");
        var sweep = new SweepCommand(command, terminal);
        command.SetAction(parse => sweep.Run(parse, cancel));
        return command;
    }

    private int Run(ParseResult parse, CancellationToken cancel)
    {
        patches.CheckTogether(parse, data.Draws(parse));
        var rows = data.Read(parse, pairs, patches.Seed(parse));
        return rows is null ? OfPair(parse, pairs.Read(parse), pairs.AllPrompts, cancel)
            : data.Single(parse, rows) is { } row ? OfPair(parse, DataOptions.SourceOf(row), (_, checkpoint) => PromptsOf(rows, checkpoint), cancel, rows.Path)
            : OfRows(parse, rows, cancel);
    }

    private int OfPair(ParseResult parse, PairSource source, Func<ParseResult, Checkpoint, IReadOnlyList<Prompt>> allPrompts, CancellationToken cancel, string? dataFile = null)
    {
        files.Probe(parse);
        files.RefuseInputs(parse, Inputs(parse, source, dataFile));
        patches.CheckWindow(parse, () => ModelSettings.Load(models.Folder(parse)).Config.NLayers);
        var (output, terminal) = (this.terminal, files.Beside(parse, this.terminal));
        using var checkpoint = models.Open(parse, terminal, source.HasTexts);
        files.RefuseInputs(parse, checkpoint.Location); // of a name on the hub, its place is known now
        var pair = source.For(checkpoint);
        var options = patches.Read(parse, pair, checkpoint.Config, () => allPrompts(parse, checkpoint));
        var check = PairReport.BeforeRuns(terminal, source, pair, checkpoint, options.Roles);
        using var meter = new WorkMeter();
        using var model = models.Load(parse, checkpoint, terminal);
        RunView.Labelled(terminal, "model", $"{model.Name}, {model.Config.NLayers} layers, computed in {model.Summary.Dtype}");

        var result = ProgressBars.Counted(terminal, "sweep", progress => Sweep.Run(model, pair, options, new GroupsNote(progress, terminal), cancel));
        var chart = Heatmap.Draw(result, new HeatmapOptions { Scale = ScaleOf(parse), Raw = parse.GetValue(raw), Font = files.Font(parse) });
        var runs = new Baseline(result.CleanRun, result.CorruptRun) { IsNoised = options.Source is PatchSource.Noise };
        PairReport.Runs(terminal, check, runs, options.Metric, model.Name);
        terminal.Line();
        GridView.Draw(terminal, chart);
        foreach (var line in chart.Caption) terminal.Prose(line);
        cancel.ThrowIfCancellationRequested();
        var written = files.Write(parse, result.ToJson, chart, output, terminal);
        terminal.Prose(meter.ToString());
        return IsVerified(terminal, [result]) && written ? 0 : 1;
    }

    /// <summary>Several rows of a data file: swept in one pass, shown as their average.</summary>
    private int OfRows(ParseResult parse, ExperimentData rows, CancellationToken cancel)
    {
        files.RefuseNumbers(parse, "holds one sweep, and there are several rows; give --row, or leave it out");
        if (((Option[])[raw, signed]).FirstOrDefault(parse.Has) is { } ofOne) throw new UsageException($"{ofOne.Name} is for one heatmap, and several rows are averaged; give --row, or leave it out");
        files.Probe(parse);
        files.RefuseInputs(parse, models.Folder(parse), rows.Path);
        patches.CheckWindow(parse, () => ModelSettings.Load(models.Folder(parse)).Config.NLayers);
        using var checkpoint = models.Open(parse, terminal, texts: true);
        files.RefuseInputs(parse, checkpoint.Location);
        var (sweep, onlyAnswered) = (new DataSweep(rows, data.SkipsBad(parse), terminal), data.OnlyAnswered(parse));
        var prompts = new Lazy<IReadOnlyList<Prompt>>(() => PromptsOf(rows, checkpoint));
        var requests = sweep.Requests(checkpoint.Tokenizer, checkpoint.Config.DVocab, patches.Roles(parse), pair => patches.Read(parse, pair, checkpoint.Config, () => prompts.Value));
        using var meter = new WorkMeter();
        using var model = models.Load(parse, checkpoint, terminal);
        requests = ProgressBars.Counted(terminal, "runs", progress => sweep.WithRuns(requests, model, onlyAnswered, progress, cancel));
        sweep.Report(requests.Count, onlyAnswered);
        RunView.Labelled(terminal, "model", $"{model.Name}, {model.Config.NLayers} layers, computed in {model.Summary.Dtype}");

        var results = ProgressBars.Counted(terminal, "sweep", progress => Sweep.Run(model, [.. requests.Select(row => row.Request)], new GroupsNote(progress, terminal), cancel));
        var average = SweepAverage.Of(results);
        var chart = AverageChart.Draw(average, new ChartOptions { Font = files.Font(parse) });
        terminal.Line();
        AverageView.Draw(terminal, average);
        foreach (var line in chart.Caption) terminal.Prose(line);
        cancel.ThrowIfCancellationRequested();
        var written = files.Write(parse, null, chart, terminal, terminal);
        terminal.Prose(meter.ToString());
        return IsVerified(terminal, results) && written ? 0 : 1;
    }

    private static bool IsVerified(Terminal terminal, IReadOnlyList<SweepResult> results)
    {
        if (results.FirstOrDefault(result => result.Verified is { IsWithinRounding: false }) is not { Verified: { } off }) return true;
        terminal.Error(off.ToString());
        return false;
    }

    private static IReadOnlyList<Prompt> PromptsOf(ExperimentData rows, Checkpoint checkpoint) =>
        [.. rows.Rows.Select(row => row.In(checkpoint.Tokenizer)).SelectMany(pair => new[] { pair.Clean, pair.Corrupt })];

    // Without a word the chart chooses.
    private ColourScale? ScaleOf(ParseResult parse) => !parse.Has(signed) ? null : parse.GetValue(signed) ? ColourScale.Diverging : ColourScale.Purples;

    private IEnumerable<string> Inputs(ParseResult parse, PairSource source, string? dataFile)
    {
        yield return models.Folder(parse);
        if (dataFile is not null) yield return dataFile;
        else if (source.Definition is not null || patches.ReadsPrompts(parse)) yield return pairs.BookFile(parse);
    }
}
