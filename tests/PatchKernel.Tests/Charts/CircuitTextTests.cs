using System.Globalization;
using System.Xml.Linq;

namespace PatchKernel.Tests;

/// <summary>Circuits for other programs: what they read is what was written.</summary>
public sealed class CircuitTextTests : IDisposable
{
    private const string Title = "a \"quoted\" <name> & a back\\slash";
    private static readonly XNamespace Namespace = "http://graphml.graphdrawing.org/xmlns";
    private static readonly ScoredEdge[] Edges = [.. SampleCircuits.Of(SampleCircuits.Mini, 60, withExact: true)];
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void GraphML_has_every_edge_with_its_numbers()
    {
        var root = XDocument.Parse(CircuitText.GraphML(SampleCircuits.Mini, Edges, Title)).Root!;
        Assert.Equal(Title, root.Descendants(Namespace + "desc").Single().Value);
        var nodes = root.Descendants(Namespace + "node").Select(node => node.Attribute("id")!.Value).ToHashSet();
        var links = root.Descendants(Namespace + "edge").ToArray();
        Assert.All(links, link => Assert.True(nodes.Contains(link.Attribute("source")!.Value) && nodes.Contains(link.Attribute("target")!.Value), $"{link}"));
        var read = links.Where(link => Data(link, "edge_kind") == "edge").Select(link => new ScoredEdge(
            new(link.Attribute("source")!.Value, link.Attribute("target")!.Value), Number(Data(link, "score")!), Data(link, "exact") is { } exact ? Number(exact) : null));
        Assert.Equal(Edges, read);
        // Each key that is used is declared.
        var keys = root.Elements(Namespace + "key").Select(key => key.Attribute("id")!.Value).ToHashSet();
        Assert.All(root.Descendants(Namespace + "data"), data => Assert.Contains(data.Attribute("key")!.Value, keys));
    }

    [Fact]
    public void A_path_in_the_file_is_a_path_in_the_model()
    {
        ScoredEdge[] edges = [new(new("embed", "L1.k.1"), 1), new(new("L1.head.3", "logits"), 1), new(new("L1.head.1", "logits"), 1)];
        var parts = XDocument.Parse(CircuitText.GraphML(SampleCircuits.Mini, edges)).Descendants(Namespace + "edge").Where(link => Data(link, "edge_kind") == "part");
        var part = Assert.Single(parts);
        Assert.Equal(("L1.k.1", "L1.head.3"), (part.Attribute("source")!.Value, part.Attribute("target")!.Value));
    }

    [Fact]
    public void Graphviz_names_are_quoted_and_scores_are_attributes()
    {
        var dot = CircuitText.Dot(SampleCircuits.Mini, [new(new("L0.head.1", "L1.q.2"), -0.25f, 0.5f), new(new("embed", "L0.mlp"), 1e-7f)], Title);
        Assert.StartsWith("digraph \"a \\\"quoted\\\" <name> & a back\\\\slash\" {\n", dot, StringComparison.Ordinal);
        Assert.Contains("  \"L0.head.1\" -> \"L1.q.2\" [kind=\"edge\", score=\"-0.25\", exact=\"0.5\", penwidth=8, color=\"#d95f02\", style=dashed, ", dot, StringComparison.Ordinal);
        Assert.Contains("  \"embed\" -> \"L0.mlp\" [kind=\"edge\", score=\"1E-07\", penwidth=1.2, color=\"#7570b3\", tooltip=", dot, StringComparison.Ordinal);
        Assert.Contains("  \"L1.q.2\" -> \"L1.head.2\" [kind=\"part\", ", dot, StringComparison.Ordinal);
        Assert.Contains("    \"L0.head.1\" [label=\"L0.h1\"];\n", dot, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Graphviz_reads_it()
    {
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(path => Path.Combine(path, "dot")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "needs Graphviz: apt-get install graphviz");
        File.WriteAllText(folder.File("circuit.dot"), CircuitText.Dot(SampleCircuits.Mini, Edges, Title));
        var run = await Programs.RunAsync(folder.Path, [], program, "-Tplain", "circuit.dot");
        run.Success();
        var drawn = run.Output.Split('\n').Where(line => line.StartsWith("edge ", StringComparison.Ordinal)).ToArray();
        Assert.All(Edges, edge => Assert.Contains(drawn, line => line.StartsWith($"edge \"{edge.Edge.Sender}\" \"{edge.Edge.Receiver}\" ", StringComparison.Ordinal)
            || line.StartsWith($"edge {edge.Edge.Sender} \"{edge.Edge.Receiver}\" ", StringComparison.Ordinal) || line.StartsWith($"edge \"{edge.Edge.Sender}\" {edge.Edge.Receiver} ", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_circuit_without_edges_is_refused()
    {
        Assert.Throws<PatchKernelException>(() => CircuitText.Dot(SampleCircuits.Mini, []));
        Assert.Throws<PatchKernelException>(() => CircuitText.GraphML(SampleCircuits.Mini, []));
    }

    private static string? Data(XElement element, string key) => element.Elements(Namespace + "data").SingleOrDefault(data => data.Attribute("key")!.Value == key)?.Value;

    private static float Number(string text) => float.Parse(text, CultureInfo.InvariantCulture);
}
