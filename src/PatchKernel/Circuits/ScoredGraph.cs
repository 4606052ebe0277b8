using PatchKernel.Circuits;
using PatchKernel.Sweeps;

namespace PatchKernel;

/// <summary>Edges of a model's graph with their scores, and all that has to be known to read them: a model's whole graph, or a circuit. It is what circuit files hold.</summary>
public sealed record ScoredGraph
{
    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>The model's graph.</summary>
    public required EdgeGraph Graph { get; init; }

    /// <summary>The pair's name; null where it has none, or the scores are means over several.</summary>
    public string? Pair { get; init; }

    /// <summary>Over how many pairs the scores are means.</summary>
    public int Pairs { get; init; } = 1;

    /// <summary>The metric's name.</summary>
    public required string Metric { get; init; }

    /// <summary>The scores' unit, the metric's own; empty for a plain number.</summary>
    public string Unit { get; init; } = "";

    /// <summary>How the scores were made, such as <c>exact</c> or <c>eap-ig</c>.</summary>
    public required string Method { get; init; }

    /// <summary>The method's conventions in words; null of exact effects.</summary>
    public string? Conventions { get; init; }

    /// <summary>Which run is patched.</summary>
    public Direction Direction { get; init; }

    /// <summary>The positions at which edges are patched, or what stands there, with commas between; null for all.</summary>
    public string? Positions { get; init; }

    /// <summary>What a positive score means.</summary>
    public ScoreSign Sign { get; init; }

    /// <summary>The edges, in the graph's order.</summary>
    public required IReadOnlyList<ScoredEdge> Edges { get; init; }

    /// <summary>What the scores are, a line each: model, pair, method and its conventions; metric, unit and sign. A chart's caption.</summary>
    public IReadOnlyList<string> Caption =>
    [
        $"{Model}{OfPairs} · {Method}{(Conventions is null ? "" : $", {Conventions}")}; {SweepFile.NameOf(Direction)}{(Positions is null ? "" : $", at {Positions}")}",
        $"Score {Metric}{(Unit.Length == 0 ? "" : $" ({Unit})")}: {(Sign == ScoreSign.HelpsClean ? "positive" : "negative")} helps the clean answer",
    ];

    /// <summary>The circuit of the edges that are there.</summary>
    public Circuit Circuit => new(Graph, Edges.Select(edge => edge.Edge));

    /// <summary>A score for each edge of the graph, in its order, positive where it helps the clean answer.</summary>
    /// <exception cref="PatchKernelException">Some edges have none.</exception>
    public float[] Scores()
    {
        if (Edges.Count < Graph.Count)
            throw new PatchKernelException($"{Edges.Count:N0} of {Graph.Count:N0} edges have a score, and all are needed to rank them; take the file that 'attribute' wrote.");
        var scores = new float[Graph.Count];
        foreach (var (edge, score, _) in Edges) scores[Graph.IndexOf(edge)] = Sign == ScoreSign.HelpsClean ? score : -score;
        return scores;
    }

    /// <summary>Only the edges of a circuit, with their scores.</summary>
    /// <param name="circuit">A circuit of the same graph.</param>
    public ScoredGraph Of(Circuit circuit) => this with { Edges = [.. Edges.Where(edge => circuit.Has(edge.Edge))] };

    /// <summary>What edges were found to do, in one pair or over several.</summary>
    /// <param name="effects">The result; its first metric's scores are taken.</param>
    /// <param name="config">The model's shape.</param>
    /// <param name="sign">What a positive score means.</param>
    /// <param name="exact">Exact effects of some of the edges, beside estimates and over the same pairs; null for none.</param>
    public static ScoredGraph Of(EdgeEffects effects, ModelConfig config, ScoreSign sign = ScoreSign.HelpsClean, IReadOnlyDictionary<Edge, float>? exact = null) => new()
    {
        Model = effects.Model.Name,
        Graph = new EdgeGraph(config),
        Pair = effects.Over is [var only] ? only.Name : null,
        Pairs = effects.Over.Count,
        Metric = effects.Metric.Name,
        Unit = effects.Metric.Unit,
        Method = effects.Method,
        Conventions = effects.Conventions,
        Direction = effects.Direction,
        Positions = Words(effects.Positions, effects.Roles),
        Sign = sign,
        Edges = Turned(config, sign.Turn(effects.Metric.CleanIs), exact, effects.ScoredEdges()),
    };

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="PatchKernelException">There is no such file, it is no circuit file, or a newer version wrote it.</exception>
    public static ScoredGraph Load(string path) => ScoredGraphFile.Read(path);

    /// <summary>Writes a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="PatchKernelException">The path can't be written, or a score is infinite or not a number.</exception>
    public void Save(string path) => AtomicFile.Write(path, ToJson());

    /// <summary>What <see cref="Save"/> writes.</summary>
    /// <exception cref="PatchKernelException">A score is infinite or not a number.</exception>
    public string ToJson() => ScoredGraphFile.Write(this);

    /// <summary>One line: how many edges of what, by which method and metric.</summary>
    public override string ToString() =>
        FormattableString.Invariant($"{Edges.Count:N0} of {Graph.Count:N0} edges of {Model}{OfPairs}, {Metric} by {Method}{(Conventions is null ? "" : $" ({Conventions})")}");

    private string OfPairs => Pairs > 1 ? FormattableString.Invariant($", mean of {Pairs:N0} pairs") : Pair is null ? "" : $", pair {Pair}";

    private static string? Words(IReadOnlyList<int>? positions, IReadOnlyList<TokenRole>? roles) =>
        roles is not null ? string.Join(", ", roles.Select(role => role.Name))
        : positions is null ? null : $"{(positions.Count == 1 ? "position" : "positions")} {string.Join(", ", positions)}";

    /// <summary>Edges in the graph's order, with the sign that they go out with.</summary>
    private static ScoredEdge[] Turned(ModelConfig config, int turn, IReadOnlyDictionary<Edge, float>? exact, IReadOnlyList<ScoredEdge> edges)
    {
        var graph = new EdgeGraph(config);
        return [.. edges.OrderBy(edge => graph.IndexOf(edge.Edge)).Select(edge => edge with
        {
            Score = turn * edge.Score,
            Exact = exact?.TryGetValue(edge.Edge, out var known) == true ? turn * known : null,
            Interval = edge.Interval is not var (lower, upper) ? null : turn > 0 ? (lower, upper) : (-upper, -lower),
        })];
    }
}
