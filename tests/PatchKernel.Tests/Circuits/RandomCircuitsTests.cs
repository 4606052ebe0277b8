using CsCheck;
using PatchKernel.Circuits;
using PatchKernel.Tests.Sweeps;

namespace PatchKernel.Tests.Circuits;

/// <summary>Circuits of edges drawn at random.</summary>
public sealed class RandomCircuitsTests
{
    [Fact]
    public void In_a_connected_one_every_edge_but_those_of_the_last_path_lies_between_the_embedding_and_the_logits() => (
        from config in PartTests.Configs
        from seed in Gen.Int
        from share in Gen.Double.Unit
        select (config, seed, share)).Sample((config, seed, share) =>
    {
        var graph = new EdgeGraph(config);
        var count = (int)(share * graph.Edges.Count);
        Circuit[] nested = RandomCircuits.Of(graph, seed, connected: true, count, graph.Edges.Count);
        Assert.Equal([count, graph.Edges.Count], nested.Select(circuit => circuit.Count));
        Assert.All(nested[0].Edges, edge => Assert.True(nested[1].Has(edge)));
        // A path has at most two edges a layer, and one into the logits.
        Assert.InRange(nested[0].Count - nested[0].Pruned().Count, 0, 2 * config.NLayers + 1);
        Assert.Equal(nested[0].Edges, RandomCircuits.Of(graph, seed, connected: true, count)[0].Edges);
    }, iter: 200, threads: 1);

    [Fact]
    public void Few_edges_from_anywhere_lead_nowhere_and_connected_ones_change_the_answer()
    {
        using var model = RandomModel.Create();
        var graph = new EdgeGraph(model.Config);
        Circuit[] anywhere = [.. Enumerable.Range(0, 20).SelectMany(seed => RandomCircuits.Of(graph, seed, connected: false, 12))];
        Circuit[] connected = [.. Enumerable.Range(0, 20).SelectMany(seed => RandomCircuits.Of(graph, seed, connected: true, 12))];
        Assert.True(anywhere.Sum(circuit => circuit.Pruned().Count) < connected.Sum(circuit => circuit.Pruned().Count) / 2);
        var moved = CircuitRun.Run(model, RandomModel.Pair, connected).Faithfulness(Metric.LogitDiff);
        Assert.All(moved, share => Assert.NotEqual(0, share, 1e-6f));
    }
}
