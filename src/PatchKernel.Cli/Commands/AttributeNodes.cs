using System.CommandLine;

namespace PatchKernel.Cli.Commands;

/// <summary><c>patchkernel attribute --site</c>: the cells of a sweep, estimated by gradients.</summary>
internal sealed class AttributeNodes
{
    private readonly Option<bool> edges = new("--edges") { Description = "Score edges, as without a --site." };
    private readonly Option<string?> agreement = OptionOf.Text("--agreement", "FILE", "Of cells, a page of the estimate against the exact effect of those that were checked.");
    private readonly NodeOptions nodes;
    private readonly Option[] ofEdges, ofCells;
    private readonly GridRun run;

    /// <param name="command">Gets the options.</param>
    /// <param name="shared">The options that edges have too.</param>
    /// <param name="models">Which model.</param>
    /// <param name="pairs">Which pair.</param>
    /// <param name="data">Which rows.</param>
    /// <param name="ofEdges">The options that only edges have.</param>
    /// <param name="filesWith">The files, with a further one.</param>
    /// <param name="terminal">What else is shown.</param>
    public AttributeNodes(Command command, AttributeOptions shared, ModelOptions models, PairOptions pairs, DataOptions data, Option[] ofEdges, Func<Option<string?>, OutputFiles> filesWith, Terminal terminal)
    {
        (nodes, this.ofEdges) = (new NodeOptions(shared), ofEdges);
        foreach (var option in (Option[])[edges, nodes.Site, .. nodes.Own]) command.Options.Add(option);
        var looks = new LookOptions(command);
        ofCells = [.. nodes.Own, .. looks.All, agreement];
        Files = filesWith(agreement);
        run = new GridRun(models, pairs, data, nodes, looks, Files, terminal) { Further = [(agreement, result => AgreementChart.Draw(result).ToPage())] };
    }

    /// <summary>The files of both.</summary>
    public OutputFiles Files { get; }

    /// <summary>The roles that cells are; null where they are none.</summary>
    public IReadOnlyList<TokenRole>? Roles(ParseResult parse) => nodes.Roles(parse);

    /// <summary>Whether cells are asked for; fails where options of edges and of cells are mixed.</summary>
    public bool AreAskedFor(ParseResult parse, Option<string> method, Option<int?> check)
    {
        if (!parse.Has(nodes.Site))
        {
            nodes.RefuseEach(parse);
            if (ofCells.FirstOrDefault(option => option != nodes.Positions && parse.Has(option)) is { } alone) throw new UsageException($"{alone.Name} goes with {nodes.Site.Name}");
            return NodeOptions.IsOfCells(parse.GetValue(method)!) ? throw new UsageException($"{method.Name} {parse.GetValue(method)} goes with {nodes.Site.Name}") : false;
        }
        if (parse.GetValue(edges)) throw new UsageException($"{edges.Name} and {nodes.Site.Name} don't go together; cells are of one site, and edges of the whole graph");
        if (ofEdges.FirstOrDefault(parse.Has) is { } ofOthers) throw new UsageException($"{ofOthers.Name} is for edges; leave it out, or leave out {nodes.Site.Name}");
        if (parse.Has(agreement) && parse.GetValue(check) == 0) throw new UsageException($"{agreement.Name} draws what {check.Name} computes; leave {check.Name} 0 out");
        return true;
    }

    /// <summary>Estimates the cells.</summary>
    /// <returns>The command's exit code.</returns>
    public int Run(ParseResult parse, CancellationToken cancel) => run.Run(parse, cancel);
}
