using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using PatchKernel.Json;
using PatchKernel.Sweeps;
using PatchKernel.Text;

namespace PatchKernel.Circuits;

/// <summary>Circuit files: a <see cref="ScoredGraph"/> as JSON, version 1, an edge a line.</summary>
internal static class ScoredGraphFile
{
    private const string Format = "patchkernel/circuit";
    private const int Version = 1;
    private const string HelpsClean = "positive helps the clean answer", CorruptLessClean = "negative helps the clean answer";

    private static readonly JsonSerializerOptions Text = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, TypeInfoResolver = new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver() };

    /// <summary>The file's content.</summary>
    /// <exception cref="PatchKernelException">A score is infinite or not a number.</exception>
    public static string Write(ScoredGraph scored)
    {
        if (scored.Edges.FirstOrDefault(edge => !float.IsFinite(edge.Score) || edge.Exact is { } exact && !float.IsFinite(exact) || edge.StandardError is { } error && !float.IsFinite(error)) is { Edge.Sender: not null } bad)
            throw new PatchKernelException($"The score of {bad.Edge} is infinite or not a number, which JSON can't hold; compute it in float32.");
        var graph = scored.Graph;
        (string Key, object? Value)[] fields =
        [
            ("format", Format),
            ("version", Version),
            ("model", new { name = scored.Model, layers = graph.NLayers, heads = graph.NHeads, key_value_heads = graph.NKeyValueHeads, parallel = graph.IsParallel }),
            ("pair", scored.Pair),
            ("pairs", scored.Pairs),
            ("metric", scored.Metric),
            ("unit", scored.Unit),
            ("method", scored.Method),
            ("conventions", scored.Conventions),
            ("direction", SweepFile.NameOf(scored.Direction)),
            ("positions", scored.Positions),
            ("sign", scored.Sign == ScoreSign.HelpsClean ? HelpsClean : CorruptLessClean),
        ];
        var json = new StringBuilder("{\n");
        foreach (var (key, value) in fields.Where(field => field is not ("positions", null))) json.Append(CultureInfo.InvariantCulture, $"  \"{key}\": {JsonSerializer.Serialize(value, Text)},\n");
        json.Append("  \"edges\": [");
        json.AppendJoin(",", scored.Edges.Select(edge => $"\n    {Line(edge)}"));
        return json.Append(scored.Edges.Count == 0 ? "]\n}\n" : "\n  ]\n}\n").ToString();
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="PatchKernelException">There is no such file, it is no circuit file, or a newer version wrote it.</exception>
    public static ScoredGraph Read(string path) => JsonFile.Read(path, json =>
    {
        var root = new JsonPart("circuit file", path, json);
        if (root.Find("format")?.Element is not { ValueKind: JsonValueKind.String } format || format.GetString() != Format)
            throw new PatchKernelException($"'{path}' is no circuit file: its format isn't \"{Format}\"; give a file that 'attribute --json' or 'circuit find' wrote.");
        if (root.Require("version").Whole() is var version && version != Version)
            throw new PatchKernelException($"'{path}' is a circuit file of version {version}, and this program reads version {Version}; take a newer program.");
        var model = root.Require("model");
        var graph = Graph(model);
        ScoredEdge[] edges = [.. root.Require("edges").Items().Select(edge => Edge(edge, graph))];
        if (edges.GroupBy(edge => graph.IndexOf(edge.Edge)).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new PatchKernelException($"'{path}' has the edge {twice.First().Edge} twice; leave one of them out.");
        return new ScoredGraph
        {
            Model = model.Require("name").Text(),
            Graph = graph,
            Pair = root.Find("pair")?.Text(),
            Pairs = root.Require("pairs").Whole(1, int.MaxValue),
            Metric = root.Require("metric").Text(),
            Unit = root.Require("unit").Text(),
            Method = root.Require("method").Text(),
            Conventions = root.Find("conventions")?.Text(),
            Direction = One(root.Require("direction"), [.. Enum.GetValues<Direction>().Select(direction => (SweepFile.NameOf(direction), direction))]),
            Positions = root.Find("positions")?.Text(),
            Sign = One(root.Require("sign"), (HelpsClean, ScoreSign.HelpsClean), (CorruptLessClean, ScoreSign.CorruptLessClean)),
            Edges = [.. edges.OrderBy(edge => graph.IndexOf(edge.Edge))],
        };
    }, EdgeGraph.FileLimit);

    /// <summary>The graph of the shape that a file gives.</summary>
    private static EdgeGraph Graph(JsonPart model)
    {
        var (layers, parallel) = (model.Require("layers").Whole(1, EdgeGraph.MostLayersOrHeads), model.Require("parallel").Flag());
        var (heads, groups) = (model.Require("heads").Whole(1, EdgeGraph.MostLayersOrHeads), model.Require("key_value_heads"));
        var keyValueHeads = groups.Whole(1, heads);
        if (heads % keyValueHeads != 0) throw groups.But($"it has to divide the {heads} heads");
        if (EdgeGraph.CountOf(layers, heads, keyValueHeads, parallel) is var count && count > EdgeGraph.MostOfFile)
            throw model.Error(FormattableString.Invariant($"a model of {layers} layers of {heads} heads has {count:N0} edges, and {EdgeGraph.MostOfFile:N0} are the most that is believed"));
        return new EdgeGraph(layers, heads, keyValueHeads, parallel);
    }

    private static string Line(ScoredEdge edge)
    {
        var line = new StringBuilder($"{{\"sender\": \"{edge.Edge.Sender}\", \"receiver\": \"{edge.Edge.Receiver}\"");
        Add("score", edge.Score);
        if (edge.StandardError is { } error) Add("standard_error", error);
        if (edge.Interval is var (lower, upper)) line.Append(CultureInfo.InvariantCulture, $", \"interval\": [{lower:R}, {upper:R}]");
        if (edge.Exact is { } exact) Add("exact", exact);
        return line.Append('}').ToString();

        void Add(string key, float number) => line.Append(CultureInfo.InvariantCulture, $", \"{key}\": {number:R}");
    }

    private static ScoredEdge Edge(JsonPart json, EdgeGraph graph)
    {
        var edge = new Edge(json.Require("sender").Text(), json.Require("receiver").Text());
        try
        {
            graph.IndexOf(edge);
        }
        catch (PatchKernelException e)
        {
            throw json.Error($"{json.Path} is none of the model's: {Excerpt.Reason(e)}", e);
        }
        return new(edge, json.Require("score").Number(), json.Find("exact")?.Number())
        {
            StandardError = json.Find("standard_error")?.Number(),
            Interval = json.Find("interval") is not { } interval ? null : interval.Items().Select(end => end.Number()).ToArray() is [var lower, var upper] ? (lower, upper)
                : throw interval.But("it has a lower and an upper end"),
        };
    }

    private static T One<T>(JsonPart json, params IReadOnlyList<(string Name, T Value)> known)
    {
        var text = json.Text();
        foreach (var (name, value) in known)
            if (name == text) return value;
        throw json.Error($"{json.Key} is '{Excerpt.Text(text)}', and known are {string.Join(", ", known.Select(each => $"'{each.Name}'"))}");
    }
}
