using System.Text.Json.Nodes;

namespace PatchKernel.Tests.Circuits;

/// <summary>Graphs in the reference implementation's form.</summary>
public sealed class EapIgGraphTests
{
    [Theory]
    [MemberData(nameof(EapIgFiles.Checkpoints), MemberType = typeof(EapIgFiles))]
    public void Its_graphs_are_read_and_written_back_equal(string name)
    {
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(EapIgFiles.Path(name, "graph_eap"))!, "graph_*.json"))
        {
            EapIgGraph.Load(file).Save(folder.File("graph.json"));
            var (expected, written) = (JsonNode.Parse(File.ReadAllText(file))!, JsonNode.Parse(File.ReadAllText(folder.File("graph.json")))!);
            Assert.True(JsonNode.DeepEquals(expected, written), file);
        }
    }

    [Theory]
    [MemberData(nameof(EapIgFiles.Checkpoints), MemberType = typeof(EapIgFiles))]
    public void A_model_s_scores_and_circuit_go_out_and_come_back(string name)
    {
        using var tiny = new TinyCase(name);
        var theirs = EapIgGraph.Load(EapIgFiles.Path(name, "graph_exact"));
        var (scores, circuit) = (theirs.ScoresFor(tiny.Model.Config), theirs.CircuitFor(tiny.Model.Config));
        var ours = EapIgGraph.Of(tiny.Model.Config, scores, circuit);
        Assert.Equal(theirs.Edges.Select(edge => edge with { Score = (float)edge.Score }), ours.Edges);
        Assert.Equal(theirs.Nodes.Select(node => node.Name), ours.Nodes.Select(node => node.Name)); // theirs says of one that it isn't in it, though its edge is
        Assert.Equal((theirs.NLayers, theirs.NHeads, theirs.DModel, theirs.IsParallel), (ours.NLayers, ours.NHeads, ours.DModel, ours.IsParallel));
        Assert.Equal(circuit.Edges, ours.CircuitFor(tiny.Model.Config).Edges);
    }

    [Fact]
    public void Of_grouped_queries_each_copy_has_its_group_s_score_and_copies_are_added_up()
    {
        var (config, graph) = (RandomModel.Config, new EdgeGraph(RandomModel.Config)); // four heads over two
        var scores = Enumerable.Range(0, graph.Edges.Count).Select(edge => edge + 1f).ToArray();
        var theirs = EapIgGraph.Of(config, scores, new Circuit(graph, new Edge("embed", "L0.k.1")), ScoreSign.CorruptLessClean);
        Assert.Equal(theirs.Edges.Single(edge => edge.Name == "input->a0.h2<k>"), ("input->a0.h2<k>", -scores[graph.IndexOf(new("embed", "L0.k.1"))], true));
        Assert.Equal(theirs.Edges.Single(edge => edge.Name == "input->a0.h3<k>"), ("input->a0.h3<k>", -scores[graph.IndexOf(new("embed", "L0.k.1"))], true));
        Assert.Equal(2, theirs.Edges.Count(edge => edge.InGraph));
        Assert.Equal([new("embed", "L0.k.2"), new("embed", "L0.k.3")], theirs.ScoredEdges().Select(edge => edge.Edge)); // as they stand there
        Assert.All(theirs.ScoredEdges(), edge => Assert.Equal(-scores[graph.IndexOf(new("embed", "L0.k.1"))], edge.Score));
        Assert.Equal(theirs.Edges.Count, theirs.ToGraph().Edges.Count);
        Assert.Equal(["input", "a0.h2", "a0.h3", "logits"], theirs.Nodes.Where(node => node.InGraph).Select(node => node.Name));
        var back = theirs.ScoresFor(config, ScoreSign.CorruptLessClean);
        foreach (var (edge, score) in graph.Edges.Zip(back)) Assert.Equal(scores[graph.IndexOf(edge)] * (edge.Receiver.Contains(".k.") || edge.Receiver.Contains(".v.") ? 2 : 1), score);
        var mixed = theirs with { Edges = [.. theirs.Edges.Select(edge => edge.Name == "input->a0.h3<k>" ? edge with { InGraph = false } : edge)] };
        Assert.Equal(
            "The graph has input->a0.h2<k> without input->a0.h3<k>, and both query heads read one key/value head, L0.k.1; give all of its edges or none.",
            Assert.Throws<PatchKernelException>(() => mixed.CircuitFor(config)).Message);
        var bare = theirs with { Edges = [.. theirs.Edges.Where(edge => edge.Name != "input->a0.h3<k>")] };
        Assert.Equal(
            "The graph has input->a0.h2<k> without input->a0.h3<k>, and both query heads read one key/value head, L0.k.1; give all of its edges or none.",
            Assert.Throws<PatchKernelException>(() => bare.CircuitFor(config)).Message);
        Assert.Equal(
            "The graph has no score for input->a0.h3<k>, and all are needed to rank edges; take a file that has every edge.",
            Assert.Throws<PatchKernelException>(() => bare.ScoresFor(config)).Message);
    }

    [Theory]
    [InlineData(2_200, 1, "a1999.h0->a2199.h0<v>", "L1999.head.0", "L2199.v.0")]
    [InlineData(1, 10_000, "a0.h9999->m0", "L0.head.9999", "L0.mlp")]
    public void A_file_of_one_edge_is_read_at_once_whatever_shape_it_claims(int layers, int heads, string name, string sender, string receiver)
    {
        var graph = new EapIgGraph { NLayers = layers, NHeads = heads, IsParallel = false, DModel = 8, Nodes = [], Edges = [(name, 3, true)] };
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal([new ScoredEdge(new(sender, receiver), 3)], graph.ScoredEdges());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 50_000_000);
    }

    [Fact]
    public void Another_model_s_graph_is_refused_in_one_sentence()
    {
        var graph = EapIgGraph.Of(RandomModel.Config, new float[new EdgeGraph(RandomModel.Config).Edges.Count]);
        Refused("The graph has 3 layers of 4 heads, and the model 2 of 4; take the model that it was made for.", () => graph.ScoresFor(RandomModel.Config with { NLayers = 2 }));
        Refused("The graph has an edge 'b', which the model lacks; take the model that it was made for.", () => (graph with { Edges = [("b", 1, true)] }).CircuitFor(RandomModel.Config));
        Refused("There are 1 scores for 190 edges; give one for each.", () => EapIgGraph.Of(RandomModel.Config, [1f]));
        Refused("The score of b is infinite or not a number, which JSON can't hold; estimate it in float32.", () => (graph with { Edges = [("b", double.NaN, true)] }).ToJson());
        Refused(
            "A graph of 100000 layers of 100000 heads has more than 20,000,000 edges, the most that is believed; look whether that is its shape.",
            () => (graph with { NLayers = 100_000, NHeads = 100_000 }).ScoredEdges());
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("a.json"), """{"cfg": {"n_layers": 1, "n_heads": "x"}}""");
        Refused($"The EAP-IG graph '{folder.File("a.json")}' can't be used: cfg.n_heads is \"x\" where a whole number from 1 to 10000 belongs.", () => EapIgGraph.Load(folder.File("a.json")));

        File.WriteAllText(folder.File("b.json"), """{"cfg": {"n_layers": 1, "n_heads": 1, "parallel_attn_mlp": false, "d_model": 2}, "nodes": {}, "edges": {"a": {"score": "x", "in_graph": true}}}""");
        Refused($"The EAP-IG graph '{folder.File("b.json")}' can't be used: edges.a.score is \"x\" where a number that fits float32 belongs.", () => EapIgGraph.Load(folder.File("b.json")));

        static void Refused(string message, Action action) => Assert.Equal(message, Assert.Throws<PatchKernelException>(action).Message);
    }
}
