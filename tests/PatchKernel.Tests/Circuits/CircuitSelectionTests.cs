using CsCheck;
using PatchKernel.Models;
using PatchKernel.Tests.Sweeps;

namespace PatchKernel.Tests.Circuits;

/// <summary>Circuits taken from scores, and what is pruned of them.</summary>
public sealed class CircuitSelectionTests
{
    [Theory]
    [MemberData(nameof(EapIgFiles.Checkpoints), MemberType = typeof(EapIgFiles))]
    public void The_reference_implementation_s_selections_are_ours(string name)
    {
        using var tiny = new TinyCase(name);
        var graph = new EdgeGraph(tiny.Model.Config);
        foreach (var fact in EapIgFiles.Read(name, "circuits").GetProperty("circuits").EnumerateArray())
        {
            var scores = EapIgGraph.Load(EapIgFiles.Path(name, $"graph_{fact.GetProperty("scores").GetString()}")).ScoresFor(tiny.Model.Config);
            var count = fact.GetProperty("n").GetInt32();
            var circuit = fact.GetProperty("how").GetString() switch
            {
                "topn" => CircuitSelection.Top(graph, scores, count, absolute: true),
                "greedy" => CircuitSelection.Greedy(graph, scores, count, absolute: true),
                _ => CircuitSelection.Threshold(graph, scores, (float)fact.GetProperty("threshold").GetDouble(), absolute: true),
            };
            Assert.Equal(fact.GetProperty("edges_before_prune").GetInt32(), circuit.Count);
            Assert.Equal(fact.GetProperty("edges").EnumerateArray().Select(edge => edge.GetString()).Order(), circuit.Pruned().Edges.Select(EapIgFiles.NameOf).Order());
        }
    }

    [Theory]
    [MemberData(nameof(EapIgFiles.Checkpoints), MemberType = typeof(EapIgFiles))]
    public void MIB_s_curves_and_areas_are_ours(string name)
    {
        using var tiny = new TinyCase(name);
        foreach (var fact in EapIgFiles.Read(name, "cpr_cmd").GetProperty("curves").EnumerateArray())
        {
            var scores = EapIgGraph.Load(EapIgFiles.Path(name, $"graph_{fact.GetProperty("scores").GetString()}")).ScoresFor(tiny.Model.Config);
            var curve = FaithfulnessCurve.Run(tiny.Model, [tiny.Pair], scores, new() { Absolute = fact.GetProperty("absolute").GetBoolean(), Greedy = fact.GetProperty("greedy").GetBoolean(), RandomCircuits = 0 });
            Assert.Equal(fact.GetProperty("edges_after_prune_by_main").EnumerateArray().Select(count => (int)count.GetDouble()), curve.Circuits.Select(circuit => circuit.Count));
            Near.Equal([.. fact.GetProperty("faithfulness").EnumerateArray().Select(share => share.GetSingle())], [.. curve.Faithfulness.Select(share => (float)share)], 1e-5f, name);
            Assert.Equal(fact.GetProperty("area_under_CPR").GetDouble(), curve.Cpr, 1e-5);
            Assert.Equal(fact.GetProperty("area_from_1_CMD").GetDouble(), curve.Cmd, 1e-5);
        }
    }

    [Fact]
    public void Pruning_changes_nothing_where_other_edges_carry_the_corrupt_run_and_is_done_once() => (
        from config in PartTests.Configs
        from seed in Gen.Int[0, 1000]
        from pair in PartTests.Pairs
        from share in Gen.Double.Unit
        select (config, seed, pair, share)).Sample((config, seed, pair, share) =>
    {
        using var narrow = RandomModel.Create(config, seed);
        using var model = narrow.Widened(TorchSharp.torch.ScalarType.Float64);
        var graph = new EdgeGraph(config);
        var random = new Random(seed);
        float[] scores = [.. graph.Edges.Select(_ => random.NextSingle() - 0.5f)];
        var count = (int)(share * share * graph.Edges.Count);
        foreach (var circuit in (Circuit[])[CircuitSelection.Top(graph, scores, count), CircuitSelection.Greedy(graph, scores, count)])
        {
            var pruned = circuit.Pruned();
            Assert.Equal(pruned.Edges, pruned.Pruned().Edges);
            Assert.Subset(circuit.Edges.ToHashSet(), pruned.Edges.ToHashSet());
            // A norm over all heads makes each depend on those that lead nowhere.
            if (config.Parts.NormBehind || config.Parts.QueryKeyNorm == QueryKeyNorm.AllHeads) continue;
            var logits = CircuitRun.Run(model, pair, [circuit, pruned], new CircuitOptions { KeepLogits = true }).Logits!;
            Near.Equal(logits[0], logits[1], 1e-5f * Math.Max(1, logits[0].Max(Math.Abs)), $"{pruned} of {circuit}");
        }
    }, iter: 60, threads: 1);

    [Theory, InlineData(true), InlineData(false)]
    public void Where_heads_share_a_norm_pruning_changes_something(bool behind)
    {
        var parts = behind ? PartList.Llama with { NormBehind = true } : PartList.Llama with { QueryKeyNorm = QueryKeyNorm.AllHeads };
        using var model = RandomModel.Create(RandomModel.Config with { Layout = TensorLayout.Gguf, Parts = parts });
        var graph = new EdgeGraph(model.Config);
        // All that head 1 of layer 1 reads is live, and nothing reads it.
        var circuit = new Circuit(graph, graph.Edges.Where(edge => edge.Sender != "L1.head.1"));
        var pruned = circuit.Pruned();
        Assert.Equal(circuit.Edges.Where(edge => edge.Receiver != "L1.q.1"), pruned.Edges);
        var values = CircuitRun.Run(model, RandomModel.Pair, [circuit, pruned], new CircuitOptions { Metric = Metric.LogitDiff }).Raw(Metric.LogitDiff);
        Assert.True(Math.Abs(values[0] - values[1]) > 1e-4f, $"{values[0]}, {values[1]}");
    }

    [Fact]
    public void Signed_scores_leave_what_hurts_out_and_greedy_takes_only_what_is_reached()
    {
        var graph = new EdgeGraph(RandomModel.Config);
        var scores = new float[graph.Edges.Count];
        Edge far = new("embed", "L0.q.1"), last = new("L2.head.3", "logits"), hurts = new("L0.mlp", "logits");
        (scores[graph.IndexOf(far)], scores[graph.IndexOf(last)], scores[graph.IndexOf(hurts)]) = (3, 1, -2);
        Assert.Equal([far, last], CircuitSelection.Top(graph, scores, 2).Edges);
        Assert.Equal([far, hurts], CircuitSelection.Top(graph, scores, 2, absolute: true).Edges);
        Assert.Equal([last], CircuitSelection.Greedy(graph, scores, 1).Edges);
        Assert.Equal([far, last, hurts], CircuitSelection.Threshold(graph, scores, 1, absolute: true).Edges.OrderBy(edge => graph.IndexOf(edge)).OrderBy(edge => edge == far ? 0 : edge == last ? 1 : 2));
        Assert.Empty(CircuitSelection.Top(graph, scores, 2).Pruned().Edges); // neither head has an edge on both sides
    }

    [Fact]
    public void What_cannot_be_selected_is_refused_in_one_sentence()
    {
        using var model = RandomModel.Create();
        Assert.Equal(
            "A curve needs at least two sizes, growing shares of all edges, above 0 and up to 1.",
            Assert.Throws<PatchKernelException>(() => FaithfulnessCurve.Run(model, [RandomModel.Pair], new float[190], new() { Shares = [0.5, 0.5] })).Message);
        Assert.Equal(
            "There is no pair to run circuits on; give at least one.", Assert.Throws<PatchKernelException>(() => FaithfulnessCurve.Run(model, [], new float[190])).Message);
        var graph = new EdgeGraph(RandomModel.Config);
        Assert.Equal("There are 1 scores for 190 edges; give one for each.", Assert.Throws<PatchKernelException>(() => CircuitSelection.Greedy(graph, [1f], 1)).Message);
        Assert.Equal(
            "A circuit of 191 edges can't be taken of 190; give a number from 0 to that.", Assert.Throws<PatchKernelException>(() => CircuitSelection.Top(graph, new float[190], 191)).Message);
    }

    [Fact]
    public void What_isn_t_a_number_ranks_nothing()
    {
        var graph = new EdgeGraph(RandomModel.Config);
        var scores = new float[graph.Edges.Count];
        Assert.Contains("least score is infinite or not a number", Assert.Throws<PatchKernelException>(() => CircuitSelection.Threshold(graph, scores, float.NaN)).Message, StringComparison.Ordinal);
        scores[7] = float.PositiveInfinity;
        foreach (var way in (Action[])[() => CircuitSelection.Top(graph, scores, 3), () => CircuitSelection.Greedy(graph, scores, 3), () => CircuitSelection.Threshold(graph, scores, 1)])
            Assert.Contains($"The score of {graph.Edges[7]} is infinite or not a number", Assert.Throws<PatchKernelException>(way).Message, StringComparison.Ordinal);
    }
}
