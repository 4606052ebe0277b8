using System.CommandLine;

namespace PatchKernel.Cli;

/// <summary>Runs what a command's options say of a sweep, of one pair or of several rows of a data file, and shows and writes it.</summary>
/// <param name="models">Which model.</param>
/// <param name="pairs">Which pair.</param>
/// <param name="data">Which rows.</param>
/// <param name="grids">What is swept, exactly or by an estimate.</param>
/// <param name="looks">How the chart looks.</param>
/// <param name="files">What is written.</param>
/// <param name="terminal">What else is shown.</param>
internal sealed class GridRun(ModelOptions models, PairOptions pairs, DataOptions data, GridOptions grids, LookOptions looks, OutputFiles files, Terminal terminal)
{
    /// <summary>Further files that are written of one pair's result.</summary>
    public IReadOnlyList<(Option<string?> Option, Func<SweepResult, string> Content)> Further { get; init; } = [];

    /// <summary>Runs it.</summary>
    /// <returns>The command's exit code.</returns>
    public int Run(ParseResult parse, CancellationToken cancel)
    {
        grids.CheckTogether(parse, data.Draws(parse));
        var rows = data.Read(parse, pairs, grids.Seed(parse));
        return rows is null ? OfPair(parse, pairs.Read(parse), pairs.AllPrompts, cancel)
            : data.Single(parse, rows) is { } row ? OfPair(parse, DataOptions.SourceOf(row), (_, checkpoint) => PromptsOf(rows, checkpoint), cancel, rows.Path)
            : OfRows(parse, rows, cancel);
    }

    private int OfPair(ParseResult parse, PairSource source, Func<ParseResult, Checkpoint, IReadOnlyList<Prompt>> allPrompts, CancellationToken cancel, string? dataFile = null)
    {
        files.Probe(parse);
        files.RefuseInputs(parse, Inputs(parse, source, dataFile));
        grids.CheckWindow(parse, () => ModelSettings.Load(models.Folder(parse)).Config.NLayers);
        var beside = files.Beside(parse, terminal);
        using var checkpoint = models.Open(parse, beside, source.HasTexts);
        files.RefuseInputs(parse, checkpoint.Location); // of a name on the hub, its place is known now
        var pair = source.For(checkpoint);
        var options = grids.Read(parse, pair, checkpoint.Config, () => allPrompts(parse, checkpoint));
        var check = PairReport.BeforeRuns(beside, source, pair, checkpoint, options.Roles);
        using var meter = new WorkMeter();
        using var model = models.Load(parse, checkpoint, beside);
        RunView.Labelled(beside, "model", $"{model.Name}, {model.Config.NLayers} layers, computed in {model.Summary.Dtype}");

        var result = ProgressBars.Counted(beside, "sweep", progress => Sweep.Run(model, pair, options, new GroupsNote(progress, beside), cancel));
        var chart = Heatmap.Draw(result, new HeatmapOptions { Scale = looks.Scale(parse), Raw = looks.Raw(parse), Font = files.Font(parse) });
        var runs = new Baseline(result.CleanRun, result.CorruptRun) { IsNoised = options.Source is PatchSource.Noise };
        PairReport.Runs(beside, check, runs, options.Metric, model.Name);
        beside.Line();
        GridView.Draw(beside, chart);
        foreach (var line in chart.Caption) beside.Prose(line);
        cancel.ThrowIfCancellationRequested();
        var written = files.Write(parse, result.ToJson, chart, terminal, beside, [.. Further.Select(file => (file.Option, (Func<string>)(() => file.Content(result))))]);
        beside.Prose(meter.ToString());
        return IsVerified(beside, [result]) && written ? 0 : 1;
    }

    /// <summary>Several rows of a data file: swept in one pass, shown as their average.</summary>
    private int OfRows(ParseResult parse, ExperimentData rows, CancellationToken cancel)
    {
        files.RefuseNumbers(parse, "holds one sweep, and there are several rows; give --row, or leave it out");
        if (looks.All.Concat(Further.Select(file => file.Option)).FirstOrDefault(parse.Has) is { } ofOne) throw new UsageException($"{ofOne.Name} is for one heatmap, and several rows are averaged; give --row, or leave it out");
        grids.CheckAverage(parse);
        files.Probe(parse);
        files.RefuseInputs(parse, models.Folder(parse), rows.Path);
        grids.CheckWindow(parse, () => ModelSettings.Load(models.Folder(parse)).Config.NLayers);
        using var checkpoint = models.Open(parse, terminal, texts: true);
        files.RefuseInputs(parse, checkpoint.Location);
        var (sweep, onlyAnswered) = (new DataSweep(rows, data.SkipsBad(parse), terminal), data.OnlyAnswered(parse));
        var prompts = new Lazy<IReadOnlyList<Prompt>>(() => PromptsOf(rows, checkpoint));
        var requests = sweep.Requests(checkpoint.Tokenizer, checkpoint.Config.DVocab, grids.Roles(parse), pair => grids.Read(parse, pair, checkpoint.Config, () => prompts.Value));
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

    private IEnumerable<string> Inputs(ParseResult parse, PairSource source, string? dataFile)
    {
        yield return models.Folder(parse);
        if (dataFile is not null) yield return dataFile;
        else if (source.Definition is not null || grids.ReadsPrompts(parse)) yield return pairs.BookFile(parse);
    }
}
