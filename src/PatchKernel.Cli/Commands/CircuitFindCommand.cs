using System.CommandLine;
using PatchKernel.Text;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel circuit find</c>: cuts a circuit out of scored edges.</summary>
internal sealed class CircuitFindCommand
{
    private readonly Argument<string> scores = CircuitCommand.File("The scores of all edges, as 'attribute --json' wrote them.");
    private readonly Option<int?> top = OptionOf.Count("--top", "N", "The N edges of the highest scores.", least: 0);
    private readonly Option<int?> greedy = OptionOf.Count("--greedy", "N", "N edges, from the logits down always the best that leads to one that is taken.", least: 0);
    private readonly Option<double?> threshold = OptionOf.Number("--threshold", "X", "All edges whose score is at least X.");
    private readonly Option<bool> absolute = new("--absolute") { Description = "An edge that hurts counts as much as one that helps." };
    private readonly Option<bool> unpruned = new("--no-prune") { Description = "Keep edges from or into components that lead nowhere." };
    private readonly Option<string> output = new("--out") { Description = "The circuit's file; - is standard output, and all else goes to standard error.", HelpName = "FILE", DefaultValueFactory = _ => "circuit.json" };

    public static Command Create(Terminal terminal)
    {
        var command = new Command("find", "Cut a circuit out of scored edges.");
        var find = new CircuitFindCommand();
        command.Arguments.Add(find.scores);
        foreach (var option in (Option[])[find.top, find.greedy, find.threshold, find.absolute, find.unpruned, find.output]) command.Options.Add(option);
        command.SetAction(parse => find.Run(parse, terminal));
        return command;
    }

    private int Run(ParseResult parse, Terminal terminal)
    {
        Option[] ways = [top, greedy, threshold];
        if (ways.Where(parse.Has).ToArray() is not [_]) throw new UsageException("a circuit is cut by --top, --greedy or --threshold; give one of them");
        var (path, file) = (parse.GetValue(scores)!, parse.GetValue(output)!);
        var isOutput = StandardOutput.Is(file);
        if (!isOutput)
        {
            AtomicFile.Probe(file);
            InputFiles.RefuseAsOutputs([(output.Name, file)], path);
        }
        var scored = ScoredGraph.Load(path);
        var (graph, all, isAbsolute) = (scored.Graph, scored.Scores(), parse.GetValue(absolute));
        var chosen = parse.GetValue(top) is { } best ? CircuitSelection.Top(graph, all, best, isAbsolute)
            : parse.GetValue(greedy) is { } grown ? CircuitSelection.Greedy(graph, all, grown, isAbsolute)
            : CircuitSelection.Threshold(graph, all, (float)parse.GetValue(threshold)!.Value, isAbsolute);
        var circuit = parse.GetValue(unpruned) ? chosen : chosen.Pruned();
        var beside = isOutput ? terminal.WithoutOutput() : terminal;
        if (isOutput) terminal.Data(scored.Of(circuit).ToJson());
        else scored.Of(circuit).Save(file);
        beside.Prose($"{circuit}{(circuit.Count < chosen.Count ? $"; {Excerpt.Count(chosen.Count - circuit.Count, "edge")} led nowhere and {(chosen.Count - circuit.Count == 1 ? "was" : "were")} pruned" : "")}.");
        if (circuit.Count == 0) beside.Warning("No edge is left, so this circuit does nothing; take more of them, or --greedy.");
        if (!isOutput) beside.Line($"wrote {file}");
        return 0;
    }
}
