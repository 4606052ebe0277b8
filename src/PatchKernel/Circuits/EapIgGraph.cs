using System.Text.Json;
using PatchKernel.Circuits;
using PatchKernel.Json;

namespace PatchKernel;

/// <summary>A graph as the reference implementation of EAP-IG writes it: a score at every edge, and which edges and nodes are in the circuit.</summary>
/// <remarks>
/// Hanna et al. 2024, arXiv:2403.17806; MIB's submissions are such files. There is neither model, metric nor sign in it. It has a key and a value for every query head: those of one
/// key/value head each get their score when this library's go out, and are added up when theirs come in.
/// </remarks>
public sealed record EapIgGraph
{
    /// <summary>Number of layers.</summary>
    public required int NLayers { get; init; }

    /// <summary>Number of query heads.</summary>
    public required int NHeads { get; init; }

    /// <summary>Whether attention and MLP run in parallel.</summary>
    public required bool IsParallel { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int DModel { get; init; }

    /// <summary>Each node's name, such as <c>a0.h1</c>, and whether it is in the circuit.</summary>
    public required IReadOnlyList<(string Name, bool InGraph)> Nodes { get; init; }

    /// <summary>Each edge's name, such as <c>a0.h1-&gt;a1.h0&lt;q&gt;</c>, its score, and whether it is in the circuit.</summary>
    public required IReadOnlyList<(string Name, double Score, bool InGraph)> Edges { get; init; }

    /// <summary>The graph that its edges are of, as they stand there: with a key and a value for every query head.</summary>
    /// <exception cref="PatchKernelException">A graph of that shape has too many edges.</exception>
    public EdgeGraph ToGraph() => EdgeGraph.CountOf(NLayers, NHeads, NHeads, IsParallel) <= EdgeGraph.MostOfFile
        ? new(NLayers, NHeads, NHeads, IsParallel)
        : throw new PatchKernelException(
            FormattableString.Invariant($"A graph of {NLayers} layers of {NHeads} heads has more than {EdgeGraph.MostOfFile:N0} edges, the most that is believed; look whether that is its shape."));

    /// <summary>The edges in the circuit, as edges of <see cref="ToGraph"/>, with the scores that stand there.</summary>
    /// <exception cref="PatchKernelException">A graph of that shape has too many edges, or lacks one of these.</exception>
    public IReadOnlyList<ScoredEdge> ScoredEdges()
    {
        var graph = ToGraph();
        return [.. Given(new EapIgNames(graph), "a graph of its shape lacks; correct the file").Values.Where(edge => edge.Entry.InGraph)
            .Select(edge => new ScoredEdge(edge.Edge, (float)edge.Entry.Score)).OrderBy(edge => graph.IndexOf(edge.Edge))];
    }

    /// <summary>A model's graph in this form.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="scores">A score for each edge of the model's <see cref="EdgeGraph"/>, in its order.</param>
    /// <param name="circuit">The edges that are in the circuit; null for all.</param>
    /// <param name="sign">Whether scores go out as they are, or turned as EAP-IG's own are with a metric that is high in the clean run.</param>
    /// <exception cref="PatchKernelException">There are fewer or more scores than edges.</exception>
    public static EapIgGraph Of(ModelConfig config, IReadOnlyList<float> scores, Circuit? circuit = null, ScoreSign sign = ScoreSign.HelpsClean)
    {
        var graph = new EdgeGraph(config);
        if (scores.Count != graph.Edges.Count) throw new PatchKernelException($"There are {scores.Count:N0} scores for {graph.Edges.Count:N0} edges; give one for each.");
        var names = new EapIgNames(graph);
        var live = (circuit ?? Circuit.Whole(graph)).Live;
        return new EapIgGraph
        {
            NLayers = config.NLayers,
            NHeads = config.NHeads,
            IsParallel = config.Parts.Parallel,
            DModel = config.DModel,
            Nodes = names.Nodes([.. graph.Edges.Where((_, edge) => live[edge])]),
            Edges = [.. names.Edges.Select(edge => (edge.Name, Edge: graph.IndexOf(edge.Edge))).Select(edge => (edge.Name, (double)(sign == ScoreSign.HelpsClean ? scores[edge.Edge] : -scores[edge.Edge]), live[edge.Edge]))],
        };
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file's path.</param>
    /// <exception cref="PatchKernelException">There is no such file, or it is no such graph.</exception>
    public static EapIgGraph Load(string path) => JsonFile.Read(path, json =>
    {
        var root = new JsonPart("EAP-IG graph", path, json);
        var cfg = root.Require("cfg");
        return new EapIgGraph
        {
            NLayers = cfg.Require("n_layers").Whole(1, EdgeGraph.MostLayersOrHeads),
            NHeads = cfg.Require("n_heads").Whole(1, EdgeGraph.MostLayersOrHeads),
            IsParallel = cfg.Require("parallel_attn_mlp").Flag(),
            DModel = cfg.Require("d_model").Whole(1, int.MaxValue),
            Nodes = [.. root.Require("nodes").Members().Select(node => (node.Key, node.Require("in_graph").Flag()))],
            Edges = [.. root.Require("edges").Members().Select(edge => (edge.Key, ScoreOf(edge.Require("score")), edge.Require("in_graph").Flag()))],
        };
    }, EdgeGraph.FileLimit);

    /// <summary>Whether a file is such a graph, by its first key.</summary>
    internal static bool Looks(string path) => JsonFile.Read(path, json => json.TryGetProperty("cfg", out _) && json.TryGetProperty("edges", out _), EdgeGraph.FileLimit);

    /// <summary>Writes a file, which EAP-IG's and MIB's code read.</summary>
    /// <param name="path">The file's path.</param>
    /// <exception cref="PatchKernelException">The path can't be written, or a score is infinite or not a number.</exception>
    public void Save(string path) => AtomicFile.Write(path, ToJson());

    /// <summary>The content of the file that <see cref="Save"/> writes.</summary>
    /// <exception cref="PatchKernelException">A score is infinite or not a number.</exception>
    public string ToJson()
    {
        if (Edges.FirstOrDefault(edge => !double.IsFinite(edge.Score)) is { Name: not null } bad)
            throw new PatchKernelException($"The score of {bad.Name} is infinite or not a number, which JSON can't hold; estimate it in float32.");
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            Write(json);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>A score for each edge of a model's <see cref="EdgeGraph"/>, in its order.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="sign">Whether scores come in as they are, or are turned.</param>
    /// <exception cref="PatchKernelException">The graph is another model's, or an edge has no score.</exception>
    public float[] ScoresFor(ModelConfig config, ScoreSign sign = ScoreSign.HelpsClean)
    {
        var graph = new EdgeGraph(config);
        var found = Found(graph);
        if (found.FirstOrDefault(edge => double.IsNaN(edge.Entry.Score)).Entry.Name is { } bare)
            throw new PatchKernelException($"The graph has no score for {bare}, and all are needed to rank edges; take a file that has every edge.");
        var scores = new double[graph.Edges.Count];
        foreach (var (edge, entry) in found) scores[graph.IndexOf(edge)] += sign == ScoreSign.HelpsClean ? entry.Score : -entry.Score;
        return [.. scores.Select(score => (float)score)];
    }

    /// <summary>The circuit of the edges that are in the graph.</summary>
    /// <param name="config">The model's shape.</param>
    /// <exception cref="PatchKernelException">The graph is another model's, or has some query heads' copies of a key or value head and not others.</exception>
    public Circuit CircuitFor(ModelConfig config)
    {
        var graph = new EdgeGraph(config);
        var groups = Found(graph).GroupBy(entry => entry.Edge, entry => entry.Entry).ToArray();
        if (groups.FirstOrDefault(group => group.DistinctBy(entry => entry.InGraph).Count() > 1) is { } mixed)
            throw new PatchKernelException(
                $"The graph has {mixed.First(entry => entry.InGraph).Name} without {mixed.First(entry => !entry.InGraph).Name}, and both query heads read one key/value head, {mixed.Key.Receiver}; give all of its edges or none.");
        return new Circuit(graph, groups.Where(group => group.First().InGraph).Select(group => group.Key));
    }

    /// <summary>Every edge of a model's graph; one that isn't there has no score and is in no circuit.</summary>
    private (Edge Edge, (string Name, double Score, bool InGraph) Entry)[] Found(EdgeGraph graph)
    {
        if ((NLayers, NHeads, IsParallel) != (graph.NLayers, graph.NHeads, graph.IsParallel))
            throw new PatchKernelException(
                $"The graph has {NLayers} layers of {NHeads} heads{(IsParallel ? " beside an MLP" : "")}, and the model {graph.NLayers} of {graph.NHeads}{(graph.IsParallel ? " beside an MLP" : "")}; take the model that it was made for.");
        var names = new EapIgNames(graph);
        var given = Given(names, "the model lacks; take the model that it was made for");
        return [.. names.Edges.Select(edge => given.GetValueOrDefault(edge.Name, (edge.Edge, (edge.Name, double.NaN, false))))];
    }

    /// <summary>The edges that are there, by name; the last of a name counts.</summary>
    /// <param name="names">Those of the graph.</param>
    /// <param name="foreign">What is wrong with an edge that isn't the graph's, and what to do.</param>
    private Dictionary<string, (Edge Edge, (string Name, double Score, bool InGraph) Entry)> Given(EapIgNames names, string foreign) =>
        Edges.GroupBy(edge => edge.Name).ToDictionary(same => same.Key, same => (
            names.Find(same.Key) ?? throw new PatchKernelException($"The graph has an edge '{Text.Excerpt.Text(same.Key)}', which {foreign}."), same.Last()));

    private static double ScoreOf(JsonPart score) => score.IsNumber(out _) ? score.Element.GetDouble() : throw score.Wrong("a number that fits float32");

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartObject("cfg");
        json.WriteNumber("n_layers", NLayers);
        json.WriteNumber("n_heads", NHeads);
        json.WriteBoolean("parallel_attn_mlp", IsParallel);
        json.WriteNumber("d_model", DModel);
        json.WriteEndObject();
        json.WriteStartObject("nodes");
        foreach (var (name, inGraph) in Nodes)
        {
            json.WriteStartObject(name);
            json.WriteBoolean("in_graph", inGraph);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteStartObject("edges");
        foreach (var (name, score, inGraph) in Edges)
        {
            json.WriteStartObject(name);
            json.WriteNumber("score", score);
            json.WriteBoolean("in_graph", inGraph);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
