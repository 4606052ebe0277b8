namespace PatchKernel.Tests.Circuits;

/// <summary>The graph of components.</summary>
public sealed class EdgeTests
{
    public static TheoryData<string> Checkpoints => TinyCase.All;

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void The_graph_has_the_golden_edges_in_their_order(string name)
    {
        using var tiny = new TinyCase(name);
        var golden = new GoldenEdges(name);
        var graph = new EdgeGraph(tiny.Model.Config);
        Assert.Equal(golden.Names("senders"), graph.Senders);
        Assert.Equal(golden.Names("receivers"), graph.Receivers);
        Assert.Equal(golden.Edges, graph.Edges);
        Assert.Equal(Enumerable.Range(0, graph.Edges.Count), graph.Edges.Select(graph.IndexOf));
        Assert.Equal((graph.Edges.Count, (double)graph.Edges.Count), (graph.Count, EdgeGraph.CountOf(graph.NLayers, graph.NHeads, graph.NKeyValueHeads, graph.IsParallel)));
    }

    [Theory]
    [InlineData("L9.mlp", "logits", "There is no sender 'L9.mlp'; there are embed, heads such as L0.head.0, and MLPs such as L0.mlp.")]
    [InlineData("embed", "L0.head.0", "There is no receiver 'L0.head.0'; there are queries, keys and values of heads such as L0.q.0, L0.k.0 and L0.v.0, MLPs such as L0.mlp, and logits.")]
    [InlineData("L1.head.0", "L1.q.0", "There is no edge from L1.head.0 to L1.q.0, which reads the stream before L1.head.0 has written into it; name an earlier sender.")]
    [InlineData(null, null, "There is no sender ''; there are embed, heads such as L0.head.0, and MLPs such as L0.mlp.")]
    public void An_edge_that_is_not_there_is_refused_in_one_sentence(string? sender, string? receiver, string message) =>
        Assert.Equal(message, Assert.Throws<PatchKernelException>(() => new EdgeGraph(RandomModel.Config).IndexOf(new Edge(sender!, receiver!))).Message);
}
