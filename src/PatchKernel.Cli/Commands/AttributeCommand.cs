using System.CommandLine;
using PatchKernel.Sweeps;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel attribute</c>: scores of every edge between a model's components, estimated by gradients or exact.</summary>
internal sealed class AttributeCommand
{
    private readonly Option<string> method = OptionOf.Words(
        "--method", "Of edges an estimate by gradients, at one run, over the embeddings' path or over each sublayer's own, or every edge's exact effect; of cells an estimate at one run, which is their default, or over the embeddings' path.", "eap-ig", "eap", "eap-ig-activations", AttributeEdges.Exact, "atp", "ig");
    private readonly Option<int?> steps = OptionOf.Count("--steps", "M", "Of eap-ig and ig, points of the path; by default 5.", most: GradientPath.Most);
    private readonly Option<string> points = OptionOf.Words("--points", "Of eap-ig and ig, the points k/M: k = 0 … M − 1, or k = 1 … M as in the release of 2024.", "from-zero", "from-one");
    private readonly Option<string> at = OptionOf.Words("--at", "Of eap, the run that the gradient is taken at: TransformerLens's way, EAP-IG's way, or the mean of both.", "corrupt", "clean", "both");
    private readonly Option<string> direction = OptionOf.Words("--direction", "Which exact effect is meant: one clean edge in the corrupt run, or one corrupt edge in the clean run.", "denoising", "noising");
    private readonly SignOption sign = new("What a positive score means; corrupt-less-clean is EAP-IG's sign with a metric that is high in the clean run.");
    private readonly Option<string?> metric = OptionOf.Metrics([Metric.LogitDiff], "What is measured, of edges one alone; it needs a gradient, unless effects are exact");
    private readonly Option<int?> check = OptionOf.Count("--check", "N", $"Of an estimate, how many edges or cells are computed exactly too, half of them the largest, half at random; by default {AttributeEdges.UsualCheck}, 0 for none.", least: 0);
    private readonly Option<int?> seed = OptionOf.Count("--seed", "N", "Seed of what is checked at random, of noise and of sampled rows; by default 0.", least: int.MinValue);
    private readonly Option<int?> top = OptionOf.Count("--top", "K", $"How many edges are shown; by default {AttributeEdges.UsualTop}.");
    private readonly Option<string?> eapIg = OptionOf.Text("--eap-ig", "FILE", "The graph as EAP-IG's and MIB's code read it.");
    private readonly AttributeNodes nodes;
    private readonly AttributeEdges edges;

    private AttributeCommand(Command command, Terminal terminal)
    {
        var models = new ModelOptions(command);
        var pairs = new PairOptions(command, targetsNeeded: true) { IsByRole = parse => nodes!.Roles(parse) is not null };
        var data = new DataOptions(command);
        foreach (var option in (Option[])[method, steps, points, at, direction, sign.Option, metric, check, seed, top]) command.Options.Add(option);
        var (shared, own) = (new AttributeOptions(method, steps, points, direction, metric, check, seed), new EdgeOptions(at, sign, top, eapIg));
        nodes = new AttributeNodes(
            command, shared, models, pairs, data, ofEdges: own.All, further => new OutputFiles(command, "attribution.html", hasNumbers: true, eapIg, further), terminal);
        edges = new AttributeEdges(shared, own, models, pairs, data, nodes.Files, terminal);
    }

    public static Command Create(Terminal terminal, CancellationToken cancel)
    {
        var command = new Command("attribute", "Score every edge between a model's components, by gradients or exactly, or estimate a sweep's cells; an estimate says how far it is from the exact effect.");
        var attribute = new AttributeCommand(command, terminal);
        command.SetAction(parse => attribute.Run(parse, cancel));
        return command;
    }

    private int Run(ParseResult parse, CancellationToken cancel) =>
        nodes.AreAskedFor(parse, method, check) ? nodes.Run(parse, cancel) : edges.Run(parse, nodes.Roles(parse), cancel);
}
