using System.CommandLine;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel circuit draw</c>: a circuit as a picture, or as text for other programs.</summary>
internal sealed class CircuitDrawCommand
{
    private readonly Argument<string> circuit = CircuitCommand.File("A circuit, as 'circuit find' wrote it.");
    private readonly Option<string?> dot = OptionOf.Text("--dot", "FILE", "The graph for Graphviz.");
    private readonly Option<string?> graphMl = OptionOf.Text("--graphml", "FILE", "The graph for NetworkX, Gephi and others.");
    private readonly OutputFiles files;

    private CircuitDrawCommand(Command command)
    {
        command.Arguments.Add(circuit);
        command.Options.Add(dot);
        command.Options.Add(graphMl);
        files = new OutputFiles(command, "circuit.html", hasNumbers: false);
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
        files.Probe(parse);
        (string Option, string? Path)[] texts = [(dot.Name, parse.GetValue(dot)), (graphMl.Name, parse.GetValue(graphMl))];
        foreach (var (_, file) in texts)
            if (file is not null) AtomicFile.Probe(file);
        files.RefuseInputs(parse, path);
        InputFiles.RefuseAsOutputs(texts.Where(text => text.Path is not null).Select(text => (text.Option, text.Path!)), path);
        var scored = ScoredGraph.Load(path);
        var chart = CircuitChart.Draw(scored.Graph, scored.Edges, new() { Caption = AttributeCommand.Caption(scored), Font = files.Font(parse) });
        foreach (var (option, file) in texts)
        {
            if (file is null) continue;
            AtomicFile.Write(file, option == dot.Name ? CircuitText.Dot(scored.Graph, scored.Edges) : CircuitText.GraphML(scored.Graph, scored.Edges));
            terminal.Line($"wrote {file}");
        }
        return files.Write(parse, null, chart, terminal, terminal) ? 0 : 1;
    }
}
