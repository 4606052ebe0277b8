using System.CommandLine;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel circuit test</c>: what a circuit does by itself, what is left without it, and what chance does.</summary>
internal sealed class CircuitTestCommand
{
    private readonly Argument<string> circuit = CircuitCommand.File("A circuit, as 'circuit find' wrote it, or as EAP-IG's code does.");
    private readonly Option<int?> random = OptionOf.Count("--random", "N", "How many random circuits of the same size are run beside it; by default 10.", least: 0);
    private readonly Option<int?> minimality = OptionOf.Count("--minimality", "N", "Without how many of its edges, one by one, it is run; by default 20.", least: 0);
    private readonly Option<string?> json = OptionOf.Text("--json", "FILE", "The numbers; - is standard output, and all else goes to standard error.");
    private readonly CircuitRunOptions runs;
    private readonly Terminal terminal;

    private CircuitTestCommand(Command command, Terminal terminal)
    {
        this.terminal = terminal;
        command.Arguments.Add(circuit);
        runs = new CircuitRunOptions(command, "circuit's");
        foreach (var option in (Option[])[random, minimality, json]) command.Options.Add(option);
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
        var (path, file, set) = (parse.GetValue(circuit)!, parse.GetValue(json), runs.Pairs(parse, random, minimality));
        if (file is not null && !StandardOutput.Is(file))
        {
            AtomicFile.Probe(file);
            InputFiles.RefuseAsOutputs([(json.Name, file)], [path, runs.Models.Folder(parse), .. set.Inputs]);
        }
        var beside = file is not null && StandardOutput.Is(file) ? terminal.WithoutOutput() : terminal;
        using var checkpoint = runs.Models.Open(parse, beside, set.HasTexts);
        var (tested, its) = Read(path, checkpoint.Config);
        tested.CheckFor(checkpoint.Name, new EdgeGraph(checkpoint.Config));
        if (its is not null && its.Model != checkpoint.Name) beside.Warning($"The circuit was made of {its.Model}, and this is {checkpoint.Name}.");
        using var model = runs.Load(parse, checkpoint, set, its, beside, cancel, out var options);
        var result = ProgressBars.Counted(beside, "circuits", progress => CircuitTest.Run(model, set.Pairs, tested, Options(parse, options), progress, cancel));
        foreach (var line in result.ToString().Split('\n')) beside.Prose(line);
        Write(file, result, beside);
        return 0;
    }

    private CircuitTestOptions Options(ParseResult parse, CircuitOptions circuits) => new()
    {
        Circuits = circuits,
        RandomCircuits = parse.GetValue(random) ?? 10,
        Minimality = parse.GetValue(minimality) ?? 20,
        ConnectRandomCircuits = runs.ConnectsRandom(parse),
        Seed = runs.Seed(parse),
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
