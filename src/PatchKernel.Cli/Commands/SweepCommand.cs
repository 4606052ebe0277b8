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
    private readonly PatchOptions patches;
    private readonly OutputFiles files;
    private readonly Terminal terminal;

    private SweepCommand(Command command, Terminal terminal)
    {
        this.terminal = terminal;
        models = new ModelOptions(command);
        pairs = new PairOptions(command, targetsNeeded: true);
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
        patches.CheckTogether(parse);
        var source = pairs.Read(parse);
        files.Probe(parse);
        files.RefuseInputs(parse, Inputs(parse, source));
        patches.CheckWindow(parse, () => ModelSettings.Load(models.Folder(parse)).Config.NLayers);
        var (output, terminal) = (this.terminal, files.Beside(parse, this.terminal));
        using var checkpoint = models.Open(parse, terminal, source.HasTexts);
        files.RefuseInputs(parse, checkpoint.Location); // of a name on the hub, its place is known now
        var pair = source.For(checkpoint);
        var options = patches.Read(parse, pair, checkpoint.Config, () => pairs.AllPrompts(parse, checkpoint));
        var check = PairReport.BeforeRuns(terminal, source, pair, checkpoint);
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
        var written = files.Write(parse, result, chart, output, terminal);
        terminal.Prose(meter.ToString());
        if (result.Verified is { IsWithinRounding: false } off)
        {
            terminal.Error(off.ToString());
            return 1;
        }
        return written ? 0 : 1;
    }

    // Without a word the chart chooses.
    private ColourScale? ScaleOf(ParseResult parse) => !parse.Has(signed) ? null : parse.GetValue(signed) ? ColourScale.Diverging : ColourScale.Purples;

    private IEnumerable<string> Inputs(ParseResult parse, PairSource source)
    {
        yield return models.Folder(parse);
        if (source.Definition is not null || patches.ReadsPrompts(parse)) yield return pairs.BookFile(parse);
    }
}
