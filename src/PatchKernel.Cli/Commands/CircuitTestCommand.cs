using System.CommandLine;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel circuit test</c>: what a circuit does by itself, what is left without it, and what chance does.</summary>
internal sealed class CircuitTestCommand
{
    private readonly Argument<string> circuit = CircuitCommand.File("A circuit, as 'circuit find' wrote it, or as EAP-IG's code does.");
    private readonly CircuitSource source = new();
    private readonly Option<string> metric = OptionOf.Metric("What is measured; where it isn't said, the circuit's own metric.");
    private readonly Option<int?> random = OptionOf.Count("--random", "N", "How many random circuits of the same size are run beside it; by default 10.", least: 0);
    private readonly Option<int?> minimality = OptionOf.Count("--minimality", "N", "Without how many of its edges, one by one, it is run; by default 20.", least: 0);
    private readonly Option<int?> seed = OptionOf.Count("--seed", "N", "Seed of what is drawn; by default 0.", least: int.MinValue);
    private readonly Option<string?> json = OptionOf.Text("--json", "FILE", "The numbers; - is standard output, and all else goes to standard error.");
    private readonly ModelOptions models;
    private readonly PairOptions pairs;
    private readonly DataOptions data;
    private readonly Terminal terminal;

    private CircuitTestCommand(Command command, Terminal terminal)
    {
        this.terminal = terminal;
        command.Arguments.Add(circuit);
        models = new ModelOptions(command);
        pairs = new PairOptions(command, targetsNeeded: true);
        data = new DataOptions(command);
        foreach (var option in (Option[])[source.Option, metric, random, minimality, seed, json]) command.Options.Add(option);
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
        CheckTogether(parse);
        var (path, file, set) = (parse.GetValue(circuit)!, parse.GetValue(json), PairSet.Read(parse, pairs, data, parse.GetValue(seed) ?? 0));
        source.CheckTogether(parse, set);
        if (file is not null && !StandardOutput.Is(file))
        {
            AtomicFile.Probe(file);
            InputFiles.RefuseAsOutputs([(json.Name, file)], [path, models.Folder(parse), .. set.Inputs]);
        }
        var beside = file is not null && StandardOutput.Is(file) ? terminal.WithoutOutput() : terminal;
        using var checkpoint = models.Open(parse, beside, set.HasTexts);
        var (tested, its) = Read(path, checkpoint.Config);
        tested.CheckFor(checkpoint.Name, new EdgeGraph(checkpoint.Config));
        if (its is not null && its.Model != checkpoint.Name) beside.Warning($"The circuit was made of {its.Model}, and this is {checkpoint.Name}.");
        var measured = Metric.Parse(parse.Has(metric) || its is null ? parse.GetValue(metric)! : its.Metric);
        set.Find(parse, checkpoint, beside, measured);
        using var model = models.Load(parse, checkpoint, beside);
        set.Run(parse, model, beside, cancel);
        var options = Options(parse, measured, source.Of(parse, set.Pairs));
        var result = ProgressBars.Counted(beside, "circuits", progress => CircuitTest.Run(model, set.Pairs, tested, options, progress, cancel));
        foreach (var line in result.ToString().Split('\n')) beside.Prose(line);
        Write(file, result, beside);
        return 0;
    }

    private void CheckTogether(ParseResult parse)
    {
        if (parse.Has(seed) && parse.GetValue(random) == 0 && parse.GetValue(minimality) == 0 && !data.Draws(parse))
            throw new UsageException($"{seed.Name} goes with {random.Name}, {minimality.Name} or --sample: nothing else is drawn");
    }

    private CircuitTestOptions Options(ParseResult parse, Metric measured, PatchSource other) => new()
    {
        Circuits = new() { Metric = measured, Source = other },
        RandomCircuits = parse.GetValue(random) ?? 10,
        Minimality = parse.GetValue(minimality) ?? 20,
        Seed = parse.GetValue(seed) ?? 0,
    };

    private void Write(string? file, CircuitTestResult result, Terminal beside)
    {
        if (file is null) return;
        var content = CircuitTestJson.Of(result);
        if (StandardOutput.Is(file)) terminal.Data(content);
        else
        {
            AtomicFile.Write(file, content);
            beside.Line($"wrote {file}");
        }
    }

    /// <summary>A circuit in either format, and what its file says of it; null where it says nothing.</summary>
    private static (Circuit Circuit, ScoredGraph? File) Read(string path, ModelConfig config)
    {
        if (EapIgGraph.Looks(path)) return (EapIgGraph.Load(path).CircuitFor(config), null);
        var scored = ScoredGraph.Load(path);
        return (scored.Circuit, scored);
    }
}
