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

    [Theory, InlineData("other"), InlineData("zero"), InlineData("mean")]
    public void Pairs_of_any_length_go_together_and_come_to_what_each_does_alone(string source)
    {
        using var model = RandomModel.Create();
        var circuit = SomeOf(new EdgeGraph(model.Config));
        PromptPair[] pairs =
        [
            .. Pairs,
            RandomModel.Pair with { Clean = Prompt.FromIds([3, 4, 9, 11, 2]), Corrupt = Prompt.FromIds([3, 8, 9, 11, 2]) },
            RandomModel.Pair with { Clean = Prompt.FromIds([9, 4, 9, 1, 2]), Corrupt = Prompt.FromIds([3, 4, 9, 1, 2]) },
        ];
        PatchSource other = source switch { "zero" => PatchSource.Zero, "mean" => new PatchSource.Mean([.. pairs.Select(pair => pair.Corrupt)], EachPosition: false), _ => PatchSource.Other };
        var options = new CircuitOptions { Metric = Metric.LogitDiff, Source = other };
        var each = pairs.Select(pair => CircuitRun.Run(model, pair, [circuit], options)).ToArray();
        double[] values = [.. each.Select(run => (double)run.Raw(Metric.LogitDiff)[0])], empty = [.. each.Select(run => (double)run.Empty["logit_diff"])], whole = [.. each.Select(run => (double)run.CleanRun.Of(Metric.LogitDiff))];
        var (above, below) = (values.Average() - empty.Average(), whole.Average() - empty.Average());
        double[] residuals = [.. values.Select((value, pair) => (value - empty[pair] - above / below * (whole[pair] - empty[pair])) / below)];
        var half = 3.182 * Math.Sqrt(residuals.Sum(residual => residual * residual) / 3 / 4); // t of three degrees of freedom

        foreach (var memory in (long?[])[null, 1 << 20])
        {
            var result = CircuitTest.Run(model, pairs, circuit, new() { Circuits = options with { Memory = memory }, RandomCircuits = 2, Minimality = 1 });
            Assert.Equal((above / below, values.Average(), empty.Average()), (result.Faithfulness, result.Value, result.Empty), new Close(1e-4));
            Assert.Equal((above / below - half, above / below + half, 0), (result.FaithfulnessLower, result.FaithfulnessUpper, 0), new Close(1e-3));
            Assert.Contains("(95 % interval ", result.ToString(), StringComparison.Ordinal);
        }
        Assert.True(float.IsNaN(CircuitTest.Run(model, pairs[..1], circuit, new() { RandomCircuits = 0, Minimality = 0 }).FaithfulnessLower));
    }

    [Fact]
    public void A_curve_has_intervals_and_random_circuits_beside_it()
    {
        using var model = RandomModel.Create();
        var graph = new EdgeGraph(model.Config);
        var scores = EdgeAttribution.Run(model, Pairs, new() { Metric = Metric.LogitDiff }).Scores();
        double[] shares = [0.1, 0.5, 1];
        var curve = FaithfulnessCurve.Run(model, Pairs, scores, new() { Shares = shares, RandomCircuits = 2, Seed = 5 });
        for (var at = 0; at < shares.Length; at++)
        {
            var test = CircuitTest.Run(model, Pairs, CircuitSelection.Top(graph, scores, (int)(shares[at] * graph.Edges.Count)).Pruned(), new() { RandomCircuits = 2, Minimality = 0, Seed = 5 });
            Assert.Equal((test.Faithfulness, test.FaithfulnessLower, test.FaithfulnessUpper), (curve.Faithfulness[at], curve.Lower![at], curve.Upper![at]), new Close(1e-3));
            Assert.Equal((test.Whole, test.Empty, 0), (curve.Whole, curve.Empty, 0), new Close(1e-4));
        }
        Assert.Equal((2, 2), (curve.RandomCircuits.Count, curve.Pairs));
        Assert.All(curve.RandomCircuits, draw => Assert.Equal(1, draw[^1], 1e-4));
        Assert.NotEqual(curve.RandomCircuits[0][1], curve.RandomCircuits[1][1]);
        var joined = FaithfulnessCurve.Run(model, Pairs, scores, new() { Shares = shares, RandomCircuits = 2, Seed = 5, ConnectRandomCircuits = true });
        Assert.NotEqual(curve.RandomCircuits[0][1], joined.RandomCircuits[0][1]);
        Assert.Null(FaithfulnessCurve.Run(model, Pairs[..1], scores, new() { Shares = shares }).Lower);
        Assert.Contains("from 0 on", Assert.Throws<PatchKernelException>(() => FaithfulnessCurve.Run(model, Pairs, scores, new() { RandomCircuits = -1 })).Message, StringComparison.Ordinal);
    }

    private sealed class Close(double tolerance) : IEqualityComparer<(double, double, double)>
    {
        public bool Equals((double, double, double) x, (double, double, double) y) =>
            Math.Abs(x.Item1 - y.Item1) <= tolerance && Math.Abs(x.Item2 - y.Item2) <= tolerance && Math.Abs(x.Item3 - y.Item3) <= tolerance;

        public int GetHashCode((double, double, double) numbers) => 0;
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
