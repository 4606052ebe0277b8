using System.CommandLine;
using PatchKernel.Text;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel circuit curve</c>: how faithful circuits of growing size are, by some scores.</summary>
internal sealed class CircuitCurveCommand
{
    private const int LongestName = 40;

    private readonly Argument<string[]> scores = new("FILE")
    {
        Description = "The scores of all edges, as 'attribute --json' wrote them, or as EAP-IG's code does; several files are drawn beside each other.",
        Arity = ArgumentArity.OneOrMore,
    };
    private readonly Option<bool> absolute = new("--absolute") { Description = "Rank by size alone, as MIB does for CMD; by default by the sign too, as for CPR." };
    private readonly Option<bool> greedy = new("--greedy") { Description = "From the logits down always the best edge that leads to one that is taken." };
    private readonly SignOption sign = new("Of EAP-IG's files, what a positive score means.");
    private readonly Option<int?> random = OptionOf.Count("--random", "N", $"How many random circuits of each size are run beside them; by default {new FaithfulnessCurveOptions().RandomCircuits}.", least: 0);
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
        var (paths, set) = (parse.GetValue(scores)!, runs.Pairs(parse, random));
        if (paths.FirstOrDefault(path => path.StartsWith('-') && !File.Exists(path)) is { } unknown) throw new UsageException($"curve has no option '{unknown}'"); // several files take all words
        if (paths.Length > FaithfulnessChart.MostRankings) throw new UsageException($"{paths.Length} curves can't be told apart; give up to {FaithfulnessChart.MostRankings} files");
        if (paths.GroupBy(Path.GetFullPath).FirstOrDefault(same => same.Count() > 1) is { } twice) throw new UsageException($"'{twice.First()}' is there twice; name it once");
        files.Probe(parse);
        files.RefuseInputs(parse, [.. paths, runs.Models.Folder(parse), .. set.Inputs]);
        var beside = files.Beside(parse, terminal);
        using var checkpoint = runs.Models.Open(parse, beside, set.HasTexts);
        files.RefuseInputs(parse, checkpoint.Location);
        var ranked = paths.Select(path => Read(parse, path, checkpoint)).ToArray();
        if (parse.Has(sign.Option) && ranked.All(each => each.File is not null)) throw new UsageException($"{sign.Option.Name} is for EAP-IG's files; '{paths[0]}' says which sign it has");
        foreach (var foreign in ranked.Select(each => each.File?.Model).OfType<string>().Where(name => name != checkpoint.Name).Distinct())
            beside.Warning($"The scores are of {foreign}, and this is {checkpoint.Name}.");
        var withMetric = ranked.Select(each => each.File).OfType<ScoredGraph>().DistinctBy(file => file.Metric).ToArray();
        if (withMetric.Length > 1 && !runs.HasMetric(parse))
            throw new UsageException($"the scores are of {string.Join(" and of ", withMetric.Select(file => file.Metric))}; say by --metric what is measured");
        using var model = runs.Load(parse, checkpoint, set, withMetric.FirstOrDefault(), beside, cancel, out var options);
        var rankings = Rankings(parse, paths, [.. ranked.Select(each => each.File is { } file ? MethodOf(file) : "EAP-IG's file")]);
        (string Ranking, FaithfulnessCurve Curve)[] curves = [.. ranked.Select((each, at) => (rankings[at], ProgressBars.Counted(beside, "circuits", progress =>
            FaithfulnessCurve.Run(model, set.Pairs, each.Scores, Options(parse, options, isFirst: at == 0), progress, cancel))))];
        var view = new CurveView(curves, model.Name);
        view.Show(beside);
        cancel.ThrowIfCancellationRequested();
        return files.Write(parse, () => CircuitTestJson.Of([.. curves.Zip(paths, (each, path) => (path, each.Ranking, each.Curve))], model.Name, runs.Seed(parse)), view.Chart(files.Font(parse)), terminal, beside) ? 0 : 1;
    }

    private FaithfulnessCurveOptions Options(ParseResult parse, CircuitOptions circuits, bool isFirst) => new()
    {
        Circuits = circuits,
        Absolute = parse.GetValue(absolute),
        Greedy = parse.GetValue(greedy),
        RandomCircuits = isFirst ? parse.GetValue(random) ?? new FaithfulnessCurveOptions().RandomCircuits : 0, // they are the same for all
        ConnectRandomCircuits = runs.ConnectsRandom(parse),
        Seed = runs.Seed(parse),
    };

    /// <summary>How each file ranks edges: by its method, or by the file's name too where that doesn't tell them apart.</summary>
    private string[] Rankings(ParseResult parse, string[] paths, string[] methods)
    {
        string[] names = [.. methods.Select((method, at) => methods.Count(other => other == method) == 1 ? method : $"{method}, {Shown(Path.GetFileNameWithoutExtension(paths[at]))}")];
        if (names.Distinct().Count() < names.Length) names = [.. methods.Zip(paths, (method, path) => $"{method}, {Shown(path)}")];
        var how = $"{(parse.GetValue(absolute) ? "by size" : "signed")}{(parse.GetValue(greedy) ? ", greedy" : "")}";
        return [.. names.Select(name => $"{name}, {how}")];

        // The end tells files apart, and a legend isn't wide.
        static string Shown(string name) => Excerpt.Text(name.Length <= LongestName ? name : $"…{name[^LongestName..]}");
    }

    private static string MethodOf(ScoredGraph file) =>
        $"{file.Method}{(file.Direction == Direction.Noising ? " noising" : "")}{(file.Positions is null ? "" : Excerpt.Text($" at {file.Positions}"))}";

    /// <summary>A score for each edge of the model's graph, and what the file says of them; null where it says nothing.</summary>
    private (float[] Scores, ScoredGraph? File) Read(ParseResult parse, string path, Checkpoint checkpoint)
    {
        if (EapIgGraph.Looks(path))
        {
            var theirs = EapIgGraph.Load(path);
            return (OfFile(path, () => theirs.ScoresFor(checkpoint.Config, sign.Of(parse))), null);
        }
        var scored = ScoredGraph.Load(path);
        var graph = new EdgeGraph(checkpoint.Config);
        if (!scored.Graph.IsLike(graph)) throw new PatchKernelException($"'{path}' has the scores of another model, of {scored.Graph}; {checkpoint.Name} has {graph}. Score this model's edges.");
        return (OfFile(path, scored.Scores), scored);
    }

    /// <summary>Names the file in what is wrong with its scores.</summary>
    private static float[] OfFile(string path, Func<float[]> scores)
    {
        try
        {
            return scores();
        }
        catch (PatchKernelException e)
        {
            throw new PatchKernelException($"'{path}': {e.Message}", e);
        }
    }
}
