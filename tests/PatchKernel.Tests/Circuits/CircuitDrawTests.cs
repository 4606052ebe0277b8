using CsCheck;
using PatchKernel.Circuits;
using PatchKernel.Tests.Sweeps;

namespace PatchKernel.Tests.Circuits;

/// <summary>Circuits of edges drawn at random.</summary>
public sealed class CircuitDrawTests
{
    [Fact]
    public void All_edges_of_a_connected_circuit_lie_between_the_embedding_and_the_logits() => (
        from config in PartTests.Configs
        from seed in Gen.Int
        from share in Gen.Double.Unit
        select (config, seed, share)).Sample((config, seed, share) =>
    {
        var graph = new EdgeGraph(config);
        var count = (int)(share * share * graph.Edges.Count); // the small ones are the hard ones
        var circuit = CircuitDraw.Of(graph, seed, draws: 1, connected: true, count).Single();
        Assert.Equal(circuit.Edges, circuit.Pruned().Edges);
        // Every edge can come alone once all heads and MLPs are joined; before, a path has at most two new edges a layer and one to the logits.
        Assert.InRange(circuit.Count, Math.Max(0, count - 2 * config.NLayers), count);
        Assert.Equal(circuit.Edges, CircuitDraw.Of(graph, seed, draws: 1, connected: true, count).Single().Edges);
        Assert.Equal(graph.Edges.Count, CircuitDraw.Of(graph, seed, draws: 1, connected: true, graph.Edges.Count).Single().Count);
    }, iter: 200, threads: 1);

    [Fact]
    public void Draws_differ_and_have_the_sizes_that_are_asked_for()
    {
        var graph = new EdgeGraph(RandomModel.Config);
        foreach (var connected in (bool[])[false, true])
        {
            var circuits = CircuitDraw.Of(graph, seed: 4, draws: 3, connected, 20, 60).ToArray();
            Assert.Equal([20, 60, 20, 60, 20, 60], circuits.Select(circuit => circuit.Count));
            Assert.Equal(6, circuits.DistinctBy(circuit => string.Join(' ', circuit.Edges)).Count());
            string[] Drawn(int seed) => [.. CircuitDraw.Of(graph, seed, draws: 3, connected, 20).Select(circuit => string.Join(' ', circuit.Edges))];
            Assert.Equal(15, new[] { 4, 5, 6, -4, -5 }.SelectMany(Drawn).Distinct().Count());
            Assert.Equal(Drawn(4), Drawn(4));
        }
    }

    [Fact]
    public void A_few_edges_do_nothing_from_anywhere_and_something_where_they_connect()
    {
        using var model = RandomModel.Create();
        var graph = new EdgeGraph(model.Config);
        Circuit[] circuits = [.. CircuitDraw.Of(graph, seed: 0, draws: 20, connected: false, 4), .. CircuitDraw.Of(graph, seed: 0, draws: 20, connected: true, 4)];
        var moved = CircuitRun.Run(model, RandomModel.Pair, circuits).Faithfulness(Metric.LogitDiff).Select(share => Math.Abs(share) > 1e-5f).ToArray();
        Assert.InRange(moved[..20].Count(each => each), 0, 6);
        Assert.InRange(moved[20..].Count(each => each), 15, 20);
    }
}
