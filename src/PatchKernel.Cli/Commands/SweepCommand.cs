using System.CommandLine;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel sweep</c>: patches one site at every layer and position, and shows where the answer comes back.</summary>
internal sealed class SweepCommand
{
    private const string Noising = "noising";

    private readonly Option<string> site = OptionOf.Words(
        "--site", "What is patched.", [.. Sweep.Sites.OrderBy(site => site != Activation.ResidPost).Select(ActivationNames.Name)]);
    private readonly Option<string> direction = OptionOf.Words(
        "--direction", "Clean activations into the corrupt run, or the reverse.", "denoising", Noising);
    private readonly Option<string> metric = OptionOf.Words(
        "--metric", "What the normalised score is made of.", [.. Metric.All.Select(metric => metric.Name)]);
    private readonly Option<bool> signed = new("--signed")
    {
        Description = "Colours from minus to plus, symmetric about 0, instead of 0 to 1.",
    };
    private readonly ModelOptions models;
    private readonly PairOptions pairs;
    private readonly OutputFiles files;
    private readonly Terminal terminal;

    private SweepCommand(Command command, Terminal terminal)
    {
        this.terminal = terminal;
        models = new ModelOptions(command);
        pairs = new PairOptions(command);
        foreach (var option in (Option[])[site, direction, metric, signed]) command.Options.Add(option);
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
        var source = pairs.Read(parse);
        files.Probe(parse);
        using var checkpoint = models.Open(parse, terminal);
        var options = Options(parse);
        var pair = source.For(checkpoint);
        var check = PairReport.BeforeRuns(terminal, source, pair, checkpoint);
        using var model = models.Load(parse, checkpoint);
        RunView.Labelled(terminal, "model", $"{model.Name}, {model.Config.NLayers} layers, computed in {model.Summary.Dtype}");
        PairReport.Runs(terminal, check, model, options.Metric);
        cancel.ThrowIfCancellationRequested();

        var result = ProgressBar.During(terminal, "sweep", progress => Sweep.Run(model, pair, options, progress, cancel));
        var chart = Heatmap.Draw(result, new HeatmapOptions { Scale = parse.GetValue(signed) ? ColourScale.Diverging : ColourScale.Purples });
        terminal.Line();
        GridView.Draw(terminal, result, chart);
        foreach (var line in chart.Caption) terminal.Line(line);
        cancel.ThrowIfCancellationRequested();
        files.Write(parse, result, chart, terminal);
        return 0;
    }

    private SweepOptions Options(ParseResult parse) => new()
    {
        Site = ActivationNames.Parse(parse.GetValue(site)!),
        Direction = parse.GetValue(direction) == Noising ? Direction.Noising : Direction.Denoising,
        Metric = Metric.Parse(parse.GetValue(metric)!),
    };
}
