using System.CommandLine;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel circuit curve</c>: how faithful circuits of growing size are, by some scores.</summary>
internal sealed class CircuitCurveCommand
{
    private const int UsualRandom = 3;

    private readonly Argument<string> scores = CircuitCommand.File("The scores of all edges, as 'attribute --json' wrote them, or as EAP-IG's code does.");
    private readonly Option<bool> absolute = new("--absolute") { Description = "Rank by size alone, as MIB does for CMD; by default by the sign too, as for CPR." };
    private readonly Option<bool> greedy = new("--greedy") { Description = "From the logits down always the best edge that leads to one that is taken." };
    private readonly SignOption sign = new("Of EAP-IG's files, what a positive score means.");
    private readonly Option<int?> random = OptionOf.Count("--random", "N", $"How many random circuits of each size are run beside them; by default {UsualRandom}.", least: 0);
    private readonly CircuitRunOptions runs;
    private readonly OutputFiles files;
    private readonly Terminal terminal;

    private CircuitCurveCommand(Command command, Terminal terminal)
    {
        this.terminal = terminal;
        command.Arguments.Add(scores);
        runs = new CircuitRunOptions(command, "scores'");
        foreach (var option in (Option[])[absolute, greedy, sign.Option, random]) command.Options.Add(option);
        files = new OutputFiles(command, "faithfulness.html");
    }

    public static Command Create(Terminal terminal, CancellationToken cancel)
    {
        var command = new Command("curve", "Run circuits of 0.1 to 100 % of the edges, the best by some scores: faithfulness, CPR and CMD, beside random circuits.");
        var curve = new CircuitCurveCommand(command, terminal);
        command.SetAction(parse => curve.Run(parse, cancel));
        return command;
    }

    private int Run(ParseResult parse, CancellationToken cancel)
    {
        var (path, set) = (parse.GetValue(scores)!, runs.Pairs(parse, random));
        files.Probe(parse);
        files.RefuseInputs(parse, [path, runs.Models.Folder(parse), .. set.Inputs]);
        var beside = files.Beside(parse, terminal);
        using var checkpoint = runs.Models.Open(parse, beside, set.HasTexts);
        files.RefuseInputs(parse, checkpoint.Location);
        var (ranked, its) = Read(parse, path, checkpoint);
        if (its is not null && its.Model != checkpoint.Name) beside.Warning($"The scores are of {its.Model}, and this is {checkpoint.Name}.");
        using var model = runs.Load(parse, checkpoint, set, its, beside, cancel, out var options);
        var curve = ProgressBars.Counted(beside, "circuits", progress => FaithfulnessCurve.Run(
            model, set.Pairs, ranked, parse.GetValue(absolute), parse.GetValue(greedy), null, options, parse.GetValue(random) ?? UsualRandom, runs.Seed(parse), progress, cancel));
        var ranking = $"{its?.Method ?? "scores"}, {(parse.GetValue(absolute) ? "by size" : "signed")}{(parse.GetValue(greedy) ? ", greedy" : "")}";
        var view = new CurveView(curve, model.Name, ranking);
        view.Show(beside);
        cancel.ThrowIfCancellationRequested();
        return files.Write(parse, () => CircuitTestJson.Of(curve, model.Name, ranking), view.Chart(files.Font(parse)), terminal, beside) ? 0 : 1;
    }

    /// <summary>A score for each edge of the model's graph, and what the file says of them; null where it says nothing.</summary>
    private (float[] Scores, ScoredGraph? File) Read(ParseResult parse, string path, Checkpoint checkpoint)
    {
        if (EapIgGraph.Looks(path))
            return (EapIgGraph.Load(path).ScoresFor(checkpoint.Config, sign.Of(parse)), null);
        if (parse.Has(sign.Option)) throw new UsageException($"{sign.Option.Name} is for EAP-IG's files; '{path}' says which sign it has");
        var scored = ScoredGraph.Load(path);
        Circuit.Whole(scored.Graph).CheckFor(checkpoint.Name, new EdgeGraph(checkpoint.Config));
        return (scored.Scores(), scored);
    }
}
