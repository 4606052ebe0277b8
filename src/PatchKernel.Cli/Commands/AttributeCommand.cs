using System.CommandLine;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel attribute</c>: scores of every edge between a model's components, estimated by gradients or exact.</summary>
internal sealed class AttributeCommand
{
    private const string Exact = "exact";
    private const int UsualTop = 20, UsualCheck = 50;

    private readonly Option<string> method = OptionOf.Words(
        "--method", "An estimate by gradients, at one run, over the embeddings' path or over each sublayer's own; or every edge's exact effect.", "eap-ig", "eap", "eap-ig-activations", Exact);
    private readonly Option<int?> steps = OptionOf.Count("--steps", "M", "Of eap-ig, points of the path; by default 5.", most: 10_000);
    private readonly Option<string> points = OptionOf.Words("--points", "Of eap-ig, the points k/M: k = 0 … M − 1, or k = 1 … M as in the release of 2024.", "from-zero", "from-one");
    private readonly Option<string> at = OptionOf.Words("--at", "Of eap, the run that the gradient is taken at: TransformerLens's way, EAP-IG's way, or the mean of both.", "corrupt", "clean", "both");
    private readonly Option<string> direction = OptionOf.Words("--direction", "Which exact effect is meant: one clean edge in the corrupt run, or one corrupt edge in the clean run.", "denoising", "noising");
    private readonly Option<string> sign = OptionOf.Words("--sign", "What a positive score means; corrupt-less-clean is EAP-IG's sign with a metric that is high in the clean run.", "helps-clean", "corrupt-less-clean");
    private readonly Option<string> metric = OptionOf.Metric("What is measured; it needs a gradient, unless effects are exact.");
    private readonly Option<int?> check = OptionOf.Count("--check", "N", $"Of an estimate, how many edges are computed exactly too, half of them the largest, half at random; by default {UsualCheck}, 0 for none.", least: 0);
    private readonly Option<int?> seed = OptionOf.Count("--seed", "N", "Seed of the random edges that are checked; by default 0.", least: int.MinValue);
    private readonly Option<int?> top = OptionOf.Count("--top", "K", $"How many edges are shown; by default {UsualTop}.");
    private readonly Option<string?> eapIg = OptionOf.Text("--eap-ig", "FILE", "The graph as EAP-IG's and MIB's code read it.");
    private readonly ModelOptions models;
    private readonly PairOptions pairs;
    private readonly OutputFiles files;
    private readonly Terminal terminal;

    private AttributeCommand(Command command, Terminal terminal)
    {
        this.terminal = terminal;
        models = new ModelOptions(command);
        pairs = new PairOptions(command, targetsNeeded: true);
        foreach (var option in (Option[])[method, steps, points, at, direction, sign, metric, check, seed, top]) command.Options.Add(option);
        files = new OutputFiles(command, "attribution.html", hasNumbers: true, eapIg);
    }

    public static Command Create(Terminal terminal, CancellationToken cancel)
    {
        var command = new Command("attribute", "Score every edge between a model's components, by gradients or exactly; an estimate says how far it is from the exact effect.");
        var attribute = new AttributeCommand(command, terminal);
        command.SetAction(parse => attribute.Run(parse, cancel));
        return command;
    }

    private int Run(ParseResult parse, CancellationToken cancel)
    {
        CheckTogether(parse);
        var (source, measured) = (pairs.Read(parse), Metric.Parse(parse.GetValue(metric)!));
        files.Probe(parse);
        files.RefuseInputs(parse, models.Folder(parse));
        var (output, beside) = (terminal, files.Beside(parse, terminal));
        using var checkpoint = models.Open(parse, beside, source.HasTexts);
        files.RefuseInputs(parse, checkpoint.Location);
        var pair = source.For(checkpoint);
        PairReport.BeforeRuns(beside, source, pair, checkpoint, roles: null);
        if (parse.GetValue(method) != Exact) EdgeAttribution.CheckGradients([measured], pair, checkpoint.Config.DVocab);
        using var model = models.Load(parse, checkpoint, beside);
        RunView.Labelled(beside, "model", $"{model.Name}, {new EdgeGraph(model.Config)}, computed in {model.Summary.Dtype}");

        var result = ProgressBars.Counted(beside, "edges", progress => Result(parse, model, pair, measured, progress, cancel));
        var count = result.Conventions is null ? 0 : Math.Min(parse.GetValue(check) ?? UsualCheck, result.Edges.Count);
        var checkedEdges = count == 0 ? null : ProgressBars.Counted(beside, "check", progress => EstimateCheck.Run(model, result, count, parse.GetValue(seed) ?? 0, progress, cancel));
        var scored = ScoredGraph.Of(result, model.Config, Sign(parse), checkedEdges?.Exact);
        Show(beside, parse, scored, checkedEdges);
        cancel.ThrowIfCancellationRequested();
        return files.Write(
            parse, scored.ToJson, ChartOf(parse, scored, checkedEdges), output, beside, (eapIg, () => EapIgGraph.Of(model.Config, result.Scores(), sign: Sign(parse)).ToJson())) ? 0 : 1;
    }

    private void CheckTogether(ParseResult parse)
    {
        var name = parse.GetValue(method)!;
        Refuse(at, name == "eap", "--method eap");
        Refuse(points, name == "eap-ig", "--method eap-ig");
        Refuse(steps, name.StartsWith("eap-ig", StringComparison.Ordinal), "--method eap-ig");
        Refuse(check, name != Exact, "an estimate, and exact effects are what it is checked against");
        Refuse(seed, name != Exact && parse.GetValue(check) != 0, "--check, and nothing is drawn without it");

        void Refuse(Option option, bool fits, string with)
        {
            if (parse.Has(option) && !fits) throw new UsageException($"{option.Name} goes with {with}");
        }
    }

    private EdgeResult Result(ParseResult parse, LanguageModel model, PromptPair pair, Metric measured, IProgress<SweepProgress>? progress, CancellationToken cancel)
    {
        var way = parse.GetValue(direction) == "noising" ? Direction.Noising : Direction.Denoising;
        if (parse.GetValue(method) == Exact) return PathPatching.Run(model, pair, new() { Metric = measured, Direction = way }, progress, cancel);
        return EdgeAttribution.Run(model, pair, new()
        {
            Method = parse.GetValue(method) switch { "eap" => EdgeMethod.Eap, "eap-ig" => EdgeMethod.EapIg, _ => EdgeMethod.EapIgActivations },
            At = parse.GetValue(at) switch { "clean" => GradientAt.Clean, "both" => GradientAt.Both, _ => GradientAt.Corrupt },
            Points = parse.GetValue(points) == "from-one" ? PathPoints.FromOne : PathPoints.FromZero,
            Steps = parse.GetValue(steps) ?? 5,
            Direction = way,
            Metric = measured,
        }, progress, cancel);
    }

    private ScoreSign Sign(ParseResult parse) => parse.GetValue(sign) == "helps-clean" ? ScoreSign.HelpsClean : ScoreSign.CorruptLessClean;

    private void Show(Terminal beside, ParseResult parse, ScoredGraph scored, EstimateCheck? checkedEdges)
    {
        beside.Line();
        var strongest = Strongest(parse, scored);
        var exact = strongest.Any(edge => edge.Exact is not null);
        beside.Table([["sender", "receiver", "score", .. exact ? (string[])["exact"] : []],
            .. strongest.Select(edge => (string[])[edge.Edge.Sender, edge.Edge.Receiver, Number(edge.Score), .. exact ? (string[])[edge.Exact is { } known ? Number(known) : ""] : []])]);
        foreach (var line in scored.Caption) beside.Prose(line);
        if (checkedEdges is not null)
            foreach (var line in checkedEdges.ToString().Split('\n')) beside.Prose($"Checked: {line}");
    }

    private ResultChart ChartOf(ParseResult parse, ScoredGraph scored, EstimateCheck? checkedEdges)
    {
        var (unit, font) = (scored.Unit.Length == 0 ? "" : $" ({scored.Unit})", files.Font(parse));
        return checkedEdges is not null
            ? AgreementChart.Draw(checkedEdges.Largest, checkedEdges.Sample, new() { Caption = scored.Caption, Estimate = $"{scored.Method}{unit}", Exact = $"exact effect{unit}", Font = font })
            : CircuitChart.Draw(scored.Graph, Strongest(parse, scored), new() { Caption = scored.Caption, Font = font });
    }

    private ScoredEdge[] Strongest(ParseResult parse, ScoredGraph scored) => [.. scored.Edges.OrderByDescending(edge => Math.Abs(edge.Score)).Take(parse.GetValue(top) ?? UsualTop)];

    private static string Number(float score) => FormattableString.Invariant($"{score:+0.0000;-0.0000;0.0000}");
}
