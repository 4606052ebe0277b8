using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using PatchKernel.Charts;
using PatchKernel.Circuits;
using PatchKernel.Text;

namespace PatchKernel;

/// <summary>A circuit as text for other programs that draw or measure graphs.</summary>
/// <remarks>
/// Nodes have the names of edges' ends. Queries, keys and values are nodes of their own, and an edge of kind <c>part</c> leads from each to its heads, so that a path in the
/// file is a path in the model.
/// </remarks>
public static class CircuitText
{
    private static readonly XNamespace Namespace = "http://graphml.graphdrawing.org/xmlns";

    /// <summary>The circuit for Graphviz: a layer is a cluster, scores are attributes, width and colour as in <see cref="CircuitChart"/>.</summary>
    /// <param name="graph">The model's graph.</param>
    /// <param name="edges">The circuit's edges with their scores.</param>
    /// <param name="title">The graph's name.</param>
    /// <exception cref="PatchKernelException">There is no edge, the graph lacks one, one is there twice, or a score isn't a number.</exception>
    public static string Dot(EdgeGraph graph, IReadOnlyList<ScoredEdge> edges, string title = "Circuit")
    {
        var parts = new CircuitParts(graph, edges);
        var text = new StringBuilder($"digraph {Quoted(title)} {{\n  rankdir=BT;\n  node [shape=box];\n");
        foreach (var layer in parts.Nodes.Select(node => node.Layer).Concat(parts.Inputs.Select(input => input.Layer)).Distinct().Order())
        {
            var lines = parts.Nodes.Where(node => node.Layer == layer).Select(node => $"{Quoted(node.Name)} [label={Quoted(node.Labels[0])}];")
                .Concat(parts.Inputs.Where(input => input.Layer == layer).Select(input => $"{Quoted(input.Name)} [label={Quoted(input.Letter)}, shape=circle];"));
            var isLayer = layer >= 0 && layer < graph.NLayers;
            text.Append(isLayer ? $"  subgraph cluster_{layer} {{\n    label=\"layer {layer}\";\n" : "");
            foreach (var line in lines) text.Append(isLayer ? "    " : "  ").Append(line).Append('\n');
            text.Append(isLayer ? "  }\n" : "");
        }
        foreach (var (input, head) in parts.Links) text.Append($"  {Quoted(input.Name)} -> {Quoted(head.Name)} [kind=\"part\", style=dotted, arrowhead=none];\n");
        var largest = edges.Max(edge => Math.Abs(edge.Score));
        foreach (var edge in edges) text.Append($"  {Quoted(edge.Edge.Sender)} -> {Quoted(edge.Edge.Receiver)} [{Attributes(edge, largest)}];\n");
        return text.Append("}\n").ToString();
    }

    /// <summary>The circuit as GraphML, for NetworkX, Gephi, yEd and others: kind and layer of each node, score and, where it is known, exact effect of each edge.</summary>
    /// <param name="graph">The model's graph.</param>
    /// <param name="edges">The circuit's edges with their scores.</param>
    /// <param name="title">The graph's description.</param>
    /// <exception cref="PatchKernelException">There is no edge, the graph lacks one, one is there twice, or a score isn't a number.</exception>
    public static string GraphML(EdgeGraph graph, IReadOnlyList<ScoredEdge> edges, string title = "Circuit")
    {
        var parts = new CircuitParts(graph, edges);
        var document = new XElement(
            Namespace + "graphml",
            Key("kind", "node", "string"), Key("layer", "node", "int"), Key("edge_kind", "edge", "string"), Key("score", "edge", "double"), Key("exact", "edge", "double"),
            new XElement(
                Namespace + "graph", new XAttribute("id", "circuit"), new XAttribute("edgedefault", "directed"), new XElement(Namespace + "desc", PlainText.Of(title)),
                parts.Nodes.Select(node => Node(node.Name, node.Kind.ToString(), node.Layer)),
                parts.Inputs.Select(input => Node(input.Name, input.Kind.ToString(), input.Layer)),
                parts.Links.Select(link => Link(link.Input.Name, link.Head.Name, Data("edge_kind", "part"))),
                edges.Select(edge => Link(
                    edge.Edge.Sender, edge.Edge.Receiver, Data("edge_kind", "edge"), Data("score", Number(edge.Score)), edge.Exact is { } exact ? Data("exact", Number(exact)) : null))));
        var text = new StringBuilder();
        using (var writer = XmlWriter.Create(text, new() { Indent = true, OmitXmlDeclaration = true, NewLineChars = "\n" })) document.Save(writer);
        return $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}\n";
    }

    private static string Attributes(ScoredEdge edge, float largest)
    {
        var drawn = new GraphEdge(edge, largest == 0 ? 0 : Math.Abs(edge.Score) / largest, []);
        var exact = edge.Exact is { } known ? $", exact={Quoted(Number(known))}" : "";
        return FormattableString.Invariant(
            $"kind=\"edge\", score={Quoted(Number(edge.Score))}{exact}, penwidth={drawn.Width:0.##}, color=\"{drawn.Colour.Hex}\"{(drawn.IsNegative ? ", style=dashed" : "")}, tooltip={Quoted($"{edge.Edge}: {Number(edge.Score)}")}");
    }

    private static XElement Key(string name, string of, string type) => new(
        Namespace + "key", new XAttribute("id", name), new XAttribute("for", of), new XAttribute("attr.name", name == "edge_kind" ? "kind" : name), new XAttribute("attr.type", type));

    private static XElement Node(string name, string kind, int layer) => new(
        Namespace + "node", new XAttribute("id", name), Data("kind", kind.ToLowerInvariant()), Data("layer", layer.ToString(CultureInfo.InvariantCulture)));

    private static XElement Link(string from, string to, params XElement?[] data) => new(
        Namespace + "edge", new XAttribute("source", from), new XAttribute("target", to), data);

    private static XElement Data(string key, string value) => new(Namespace + "data", new XAttribute("key", key), value);

    // A quoted text of Graphviz's reads \N and the like.
    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\r", "").Replace("\n", "\\n")}\"";

    // As short as comes back the same; Graphviz's plain numbers have no exponent, so it stands in quotes.
    private static string Number(float value) => value.ToString(CultureInfo.InvariantCulture);
}
