using TorchSharp;

namespace PatchKernel.Tests.Circuits;

/// <summary>A circuit's test: faithfulness, completeness, chance, and single edges.</summary>
public sealed class CircuitTestTests
{
    private static readonly PromptPair[] Pairs = [RandomModel.Pair, RandomModel.Pair with { Clean = RandomModel.Pair.Corrupt, Corrupt = RandomModel.Pair.Clean, CleanTarget = RandomModel.Pair.CorruptTarget, CorruptTarget = RandomModel.Pair.CleanTarget }];

    private static Circuit SomeOf(EdgeGraph graph) => new(graph, graph.Edges.Where((_, at) => at % 3 != 0));

    [Fact]
    public void The_whole_model_is_faithful_and_nothing_is_left_without_it()
    {
        using var model = RandomModel.Create();
        var graph = new EdgeGraph(model.Config);
        var result = CircuitTest.Run(model, Pairs, Circuit.Whole(graph), new() { RandomCircuits = 2, Minimality = 0 });
        Assert.Equal(1, result.Faithfulness, 1e-4f);
        Assert.Equal(0, result.WithoutCircuit, 1e-4f);
        Assert.All(result.RandomCircuits, faithfulness => Assert.Equal(1, faithfulness, 1e-4f));
        Assert.Equal((2, 2), (result.Pairs, result.RandomCircuits.Count));
        Assert.Empty(result.Minimality);
    }

    [Fact]
    public void Numbers_are_means_over_pairs_of_single_runs()
    {
        using var model = RandomModel.Create();
        var circuit = SomeOf(new EdgeGraph(model.Config));
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        var result = CircuitTest.Run(model, Pairs, circuit, new() { RandomCircuits = 3, Minimality = 4, Seed = 2 });
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
        Assert.Equal(Of(circuit), result.Faithfulness, 1e-4);
        Assert.Equal(Of(circuit.Complement()), result.WithoutCircuit, 1e-4);
        var targets = Pairs.Select(pair => CircuitRun.Run(model, pair, [circuit], new() { Metric = Metric.LogitDiff })).ToList();
        Assert.Equal(targets.Average(run => run.Values["clean_target"][0]), result.CleanTarget, 1e-4f);
        Assert.Equal(targets.Average(run => run.Values["corrupt_target"][0]), result.CorruptTarget, 1e-4f);
        Assert.Equal(4, result.Minimality.Select(edge => edge.Edge).Distinct().Count());
        foreach (var (edge, drop) in result.Minimality) Assert.Equal(Of(circuit) - Of(new Circuit(circuit.Graph, circuit.Edges.Where(other => other != edge))), drop, 1e-4);
        Assert.Contains("3 random circuits of", result.ToString(), StringComparison.Ordinal);
        Assert.Equal(result.RandomCircuits, CircuitTest.Run(model, Pairs, circuit, new() { RandomCircuits = 3, Minimality = 0, Seed = 2 }).RandomCircuits);
        Assert.NotEqual(result.RandomCircuits, CircuitTest.Run(model, Pairs, circuit, new() { RandomCircuits = 3, Minimality = 0, Seed = 9 }).RandomCircuits);

        double Of(Circuit which)
        {
            var runs = Pairs.Select(pair => CircuitRun.Run(model, pair, [which], new() { Metric = Metric.LogitDiff })).ToList();
            double value = runs.Average(run => run.Raw(Metric.LogitDiff)[0]), empty = runs.Average(run => run.Empty["logit_diff"]), whole = runs.Average(run => run.CleanRun.Of(Metric.LogitDiff));
            return (value - empty) / (whole - empty);
        }
    }

    [Fact]
    public void What_can_t_be_tested_is_refused()
    {
        using var model = RandomModel.Create();
        var circuit = SomeOf(new EdgeGraph(model.Config));
        Assert.Contains("There is no pair to run circuits on", Assert.Throws<PatchKernelException>(() => CircuitTest.Run(model, [], circuit)).Message, StringComparison.Ordinal);
        Assert.Contains("numbers from 0 on", Assert.Throws<PatchKernelException>(() => CircuitTest.Run(model, Pairs, circuit, new() { RandomCircuits = -1 })).Message, StringComparison.Ordinal);
    }
}
