using System.CommandLine;
using System.Text.Json;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel circuit test</c>: what a circuit does by itself, what is left without it, and what chance does.</summary>
internal sealed class CircuitTestCommand
{
    private readonly Argument<string> circuit = CircuitCommand.File("A circuit, as 'circuit find' wrote it, or as EAP-IG's code does.");
    private readonly Option<string> source = OptionOf.Words("--source", "What the other edges carry: the corrupt run's sender, or nothing.", "other", "zero");
    private readonly Option<string> metric = OptionOf.Metric("What is measured; where it isn't said, the circuit's own metric.");
    private readonly Option<int?> random = OptionOf.Count("--random", "N", "How many random circuits of the same size are run beside it; by default 10.", least: 0);
    private readonly Option<int?> minimality = OptionOf.Count("--minimality", "N", "Without how many of its edges, one by one, it is run; by default 20.", least: 0);
    private readonly Option<int?> seed = OptionOf.Count("--seed", "N", "Seed of what is drawn; by default 0.", least: int.MinValue);
    private readonly Option<string?> json = OptionOf.Text("--json", "FILE", "The numbers; - is standard output, and all else goes to standard error.");
    private readonly ModelOptions models;
    private readonly PairOptions pairs;
    private readonly Terminal terminal;

    private CircuitTestCommand(Command command, Terminal terminal)
    {
        this.terminal = terminal;
        command.Arguments.Add(circuit);
        models = new ModelOptions(command);
        pairs = new PairOptions(command, targetsNeeded: true);
        foreach (var option in (Option[])[source, metric, random, minimality, seed, json]) command.Options.Add(option);
    }

    public static Command Create(Terminal terminal, CancellationToken cancel)
    {
        var command = new Command("test", "Run a model with a circuit's edges alone: faithfulness, beside random circuits, and what is left without it.");
        var test = new CircuitTestCommand(command, terminal);
        command.SetAction(parse => test.Run(parse, cancel));
        return command;
    }

    private int Run(ParseResult parse, CancellationToken cancel)
    {
        var (path, file, from) = (parse.GetValue(circuit)!, parse.GetValue(json), pairs.Read(parse));
        if (file is not null && !StandardOutput.Is(file))
        {
            AtomicFile.Probe(file);
            InputFiles.RefuseAsOutputs([(json.Name, file)], path, models.Folder(parse));
        }
        var beside = file is not null && StandardOutput.Is(file) ? terminal.WithoutOutput() : terminal;
        using var checkpoint = models.Open(parse, beside, from.HasTexts);
        var pair = from.For(checkpoint);
        PairReport.BeforeRuns(beside, from, pair, checkpoint, roles: null);
        var (tested, its) = Read(path, checkpoint.Config);
        tested.CheckFor(checkpoint.Name, new EdgeGraph(checkpoint.Config));
        if (its is not null && its.Model != checkpoint.Name) beside.Warning($"The circuit was made of {its.Model}, and this is {checkpoint.Name}.");
        var options = new CircuitTestOptions
        {
            Circuits = new() { Metric = Metric.Parse(parse.Has(metric) || its is null ? parse.GetValue(metric)! : its.Metric), Source = parse.GetValue(source) == "zero" ? PatchSource.Zero : PatchSource.Other },
            RandomCircuits = parse.GetValue(random) ?? 10,
            Minimality = parse.GetValue(minimality) ?? 20,
            Seed = parse.GetValue(seed) ?? 0,
        };
        using var model = models.Load(parse, checkpoint, beside);
        var result = ProgressBars.Counted(beside, "circuits", progress => CircuitTest.Run(model, [pair], tested, options, progress, cancel));
        foreach (var line in result.ToString().Split('\n')) beside.Prose(line);
        if (file is null) return 0;
        var content = Json(result);
        if (StandardOutput.Is(file)) terminal.Data(content);
        else
        {
            AtomicFile.Write(file, content);
            beside.Line($"wrote {file}");
        }
        return 0;
    }

    /// <summary>A circuit in either format, and what its file says of it; null where it says nothing.</summary>
    private static (Circuit Circuit, ScoredGraph? File) Read(string path, ModelConfig config)
    {
        if (EapIgGraph.Looks(path)) return (EapIgGraph.Load(path).CircuitFor(config), null);
        var scored = ScoredGraph.Load(path);
        return (scored.Circuit, scored);
    }

    private static string Json(CircuitTestResult result)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("model", result.Model.Name);
            json.WriteNumber("edges", result.Circuit.Count);
            json.WriteString("source", result.Source);
            json.WriteString("metric", result.Metric.Name);
            json.WriteNumber("value", result.Value);
            json.WriteNumber("whole", result.Whole);
            json.WriteNumber("empty", result.Empty);
            json.WriteNumber("faithfulness", result.Faithfulness);
            json.WriteNumber("without_circuit", result.WithoutCircuit);
            json.WriteNumber("clean_target", result.CleanTarget);
            json.WriteNumber("corrupt_target", result.CorruptTarget);
            json.WriteStartArray("random_circuits");
            foreach (var value in result.RandomCircuits) json.WriteNumberValue(value);
            json.WriteEndArray();
            json.WriteStartArray("minimality");
            foreach (var (edge, drop) in result.Minimality)
            {
                json.WriteStartObject();
                json.WriteString("sender", edge.Sender);
                json.WriteString("receiver", edge.Receiver);
                json.WriteNumber("drop", drop);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }
}
