using System.CommandLine;
using PatchKernel.Text;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel circuit draw</c>: a circuit as a picture, or as text for other programs.</summary>
internal sealed class CircuitDrawCommand
{
    private readonly Argument<string> circuit = CircuitCommand.File("A circuit, as 'circuit find' wrote it, or as EAP-IG's code does.");
    private readonly Option<string?> dot = OptionOf.Text("--dot", "FILE", "The graph for Graphviz; - is standard output, and all else goes to standard error.");
    private readonly Option<string?> graphMl = OptionOf.Text("--graphml", "FILE", "The graph for NetworkX, Gephi and others; - is standard output.");
    private readonly OutputFiles files;

    private CircuitDrawCommand(Command command)
    {
        command.Arguments.Add(circuit);
        files = new OutputFiles(command, "circuit.html", hasNumbers: false, dot, graphMl);
    }

    public static Command Create(Terminal terminal)
    {
        var command = new Command("draw", "Draw a circuit: layers upwards, an edge as wide as its score is large.");
        var draw = new CircuitDrawCommand(command);
        command.SetAction(parse => draw.Run(parse, terminal));
        return command;
    }

    private int Run(ParseResult parse, Terminal terminal)
    {
        var path = parse.GetValue(circuit)!;
        files.RefuseNone(parse);
        files.Probe(parse);
        files.RefuseInputs(parse, path);
        var (graph, edges, caption) = Read(path);
        var chart = CircuitChart.Draw(graph, edges, new() { Caption = caption, Font = files.Font(parse) });
        return files.Write(parse, null, chart, terminal, files.Beside(parse, terminal), (dot, () => CircuitText.Dot(graph, edges)), (graphMl, () => CircuitText.GraphML(graph, edges))) ? 0 : 1;
    }

    private static (EdgeGraph Graph, IReadOnlyList<ScoredEdge> Edges, IReadOnlyList<string> Caption) Read(string path)
    {
        if (!EapIgGraph.Looks(path))
        {
            var scored = ScoredGraph.Load(path);
            return (scored.Graph, scored.Edges, scored.Caption);
        }
        var theirs = EapIgGraph.Load(path);
        if (!theirs.Edges.Any(edge => edge.InGraph)) throw new PatchKernelException($"'{path}' has no edge whose in_graph is true, so there is no circuit to draw; select some with EAP-IG's code first.");
        return (theirs.ToGraph(), theirs.ScoredEdges(), [$"{Excerpt.Text(Path.GetFileName(path))}: EAP-IG's file names neither model, metric nor sign; scores as they stand there"]);
    }
}
