using TorchSharp;

namespace PatchKernel.Tests.Circuits;

/// <summary>Edges over several pairs: means of single runs, whatever goes through the layers together.</summary>
public sealed class EdgePairsTests
{
    private static readonly PromptPair[] Pairs =
    [
        RandomModel.Pair with { Name = "one" },
        Of("two", [3, 4, 9, 11, 2], [3, 8, 9, 11, 2]),
        Of("three", [20, 21, 22, 23, 24, 25, 26, 27], [20, 21, 30, 31, 24, 25, 26, 27]),
        Of("four", [5, 6, 7, 8, 9], [5, 6, 40, 8, 9]),
        Of("five", [1, 2, 3, 4, 5], [9, 2, 3, 4, 5]),
    ];

    private static PromptPair Of(string name, int[] clean, int[] corrupt) => new(name, Prompt.FromIds(clean), Prompt.FromIds(corrupt), new Target(7, null), new Target(12, null));

    [Theory]
    [InlineData(null, false)]
    [InlineData(EdgeMethod.Eap, false)]
    [InlineData(EdgeMethod.Eap, true)]
    [InlineData(EdgeMethod.EapIg, false)]
    [InlineData(EdgeMethod.EapIg, true)]
    [InlineData(EdgeMethod.EapIgActivations, false)]
    [InlineData(EdgeMethod.EapIgActivations, true)]
    public void Several_pairs_are_the_mean_of_single_runs(EdgeMethod? method, bool oneByOne)
    {
        using var random = RandomModel.Create();
        using var model = random.Widened(torch.ScalarType.Float64);
        var options = new AttributionOptions { Method = method ?? EdgeMethod.Eap, Steps = 3, Metrics = [Metric.LogitDiff, Metric.Kl], At = GradientAt.Both, Memory = oneByOne ? 1 : null, KeepPairScores = true };
        var paths = new PathOptions { Metrics = options.Metrics, KeepPairScores = true };
        var average = method is null ? PathPatching.Run(model, Pairs, paths) : EdgeAttribution.Run(model, Pairs, options);
        foreach (var metric in options.Metrics)
        {
            var single = Pairs.Select(pair => (method is null ? PathPatching.Run(model, pair, paths) : EdgeAttribution.Run(model, pair, options with { Memory = null })).Scores(metric)).ToArray();
            var largest = single.Max(scores => scores.Max(Math.Abs));
            for (var pair = 0; pair < Pairs.Length; pair++) Near.Equal(single[pair], average.PairScores![metric.Name][pair], 1e-6f * largest, $"{Pairs[pair].Name}, {metric.Name}");
            for (var edge = 0; edge < average.Edges.Count; edge++)
            {
                double[] each = [.. single.Select(scores => (double)scores[edge])];
                var error = Math.Sqrt(each.Sum(score => Math.Pow(score - each.Average(), 2)) / 4) / Math.Sqrt(5);
                Assert.Equal(each.Average(), average.Scores(metric)[edge], 1e-6 * largest);
                Assert.Equal(error, average.StandardErrors(metric)[edge], 1e-5 * largest);
                Assert.Equal(each.Average() - 2.776 * error, average.Lower(metric)[edge], 1e-5 * largest); // t of four degrees of freedom
                Assert.Equal(each.Average() + 2.776 * error, average.Upper(metric)[edge], 1e-5 * largest);
            }
        }
        Assert.Equal(method is null ? "exact" : options.Name, average.Method);
        Assert.StartsWith("random, 5 pairs: ", average.ToString().Replace(model.Name, "random", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void One_pair_has_no_interval_and_scores_are_kept_only_where_that_is_asked_for()
    {
        using var model = RandomModel.Create();
        var average = EdgeAttribution.Run(model, [Pairs[0]], new() { Metric = Metric.LogitDiff });
        Near.Equal(EdgeAttribution.Run(model, Pairs[0], new() { Metric = Metric.LogitDiff }).Scores(), average.Scores(), 1e-6f, "scores");
        Assert.All(average.StandardErrors().Concat(average.Lower()).Concat(average.Upper()), number => Assert.True(float.IsNaN(number)));
        Assert.Null(average.PairScores);
        Assert.Null(ScoredGraph.Of(average, model.Config).Edges[0].StandardError);
        Assert.Equal("one", ScoredGraph.Of(average, model.Config).Pair);
    }

    [Fact]
    public void Edges_at_roles_are_those_at_their_positions()
    {
        using var model = RandomModel.Create();
        var roles = TokenRole.ParseAll("2:2,last");
        foreach (var pair in Pairs.Where(pair => pair.Name != "two"))
        {
            int[] positions = [2, pair.Clean.Length - 1];
            Near.Equal(
                EdgeAttribution.Run(model, pair, new() { Metric = Metric.LogitDiff, Positions = positions }).Scores(), EdgeAttribution.Run(model, pair, new() { Metric = Metric.LogitDiff, Roles = roles }).Scores(), 1e-6f, "eap");
            var exact = PathPatching.Run(model, pair, new() { Metric = Metric.LogitDiff, Roles = roles });
            Near.Equal(PathPatching.Run(model, pair, new() { Metric = Metric.LogitDiff, Positions = positions }).Scores(), exact.Scores(), 1e-6f, "exact");
            Assert.Equal(positions, exact.Positions);
            Assert.Equal("2:2, last", ScoredGraph.Of(exact, model.Config).Positions);
        }
        Equal("other positions in the clean prompt", new() { Roles = TokenRole.ParseAll("1:2") });
        var spans = new Dictionary<string, TokenSpan> { ["s"] = new(1, 3) };
        var spanned = Pairs[0] with { Clean = Pairs[0].Clean with { Spans = spans }, Corrupt = Pairs[0].Corrupt with { Spans = spans } };
        Assert.Contains("The role s.mean is a mean over tokens", Assert.Throws<PatchKernelException>(
            () => PathPatching.Run(model, spanned, new() { Roles = TokenRole.ParseAll("s.mean") })).Message, StringComparison.Ordinal);
        Equal("Edges go by positions or by roles", new() { Roles = roles, Positions = [1] });
        Equal("need at least one", new() { Roles = [] });

        void Equal(string why, AttributionOptions options) => Assert.Contains(why, Assert.Throws<PatchKernelException>(() => EdgeAttribution.Run(model, Pairs[0], options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_check_of_means_is_against_means_over_the_same_pairs()
    {
        using var model = RandomModel.Create();
        var estimate = EdgeAttribution.Run(model, Pairs, new() { Metric = Metric.LogitDiff, Roles = [TokenRole.Last], Direction = Direction.Noising });
        var check = EstimateCheck.Run(model, estimate, count: 12);
        var exact = PathPatching.Run(model, Pairs, new() { Metric = Metric.LogitDiff, Roles = [TokenRole.Last], Direction = Direction.Noising });
        foreach (var (edge, effect) in check.Exact) Assert.Equal(exact.Scores()[exact.Edges.ToList().IndexOf(edge)], effect, 1e-4f);
        Assert.Contains("against the exact effect, the mean over the same 5 pairs: ", check.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_wrong_with_a_pair_is_said_with_its_name()
    {
        using var model = RandomModel.Create();
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        PromptPair[] gapless = [Pairs[0], Pairs[1] with { Corrupt = Pairs[1].Clean }, Pairs[2]], unequal = [Pairs[0], Pairs[1] with { Name = null, Corrupt = Pairs[0].Corrupt }];
        foreach (var run in new Action<PromptPair[]>[] { pairs => EdgeAttribution.Run(model, pairs), pairs => PathPatching.Run(model, pairs), pairs => CircuitTest.Run(model, pairs, new Circuit(new EdgeGraph(model.Config))) })
        {
            Assert.StartsWith("Pair two: ", Assert.Throws<PatchKernelException>(() => run(gapless)).Message, StringComparison.Ordinal);
            Assert.StartsWith("Pair number 2: ", Assert.Throws<PatchKernelException>(() => run(unequal)).Message, StringComparison.Ordinal);
        }
        Assert.Equal("There is no pair to run; give at least one.", Assert.Throws<PatchKernelException>(() => EdgeAttribution.Run(model, (PromptPair[])[])).Message);
        Assert.Contains("means over pairs", Assert.Throws<PatchKernelException>(() => PathPatching.Run(model, Pairs, new() { KeepLogits = true })).Message, StringComparison.Ordinal);
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Files_have_errors_intervals_and_positions()
    {
        using var model = RandomModel.Create();
        using var folder = new TemporaryFolder();
        var average = EdgeAttribution.Run(model, Pairs, new() { Metric = Metric.LogitDiff, Positions = [1, 3] });
        var scored = ScoredGraph.Of(average, model.Config, ScoreSign.CorruptLessClean);
        scored.Save(folder.File("a.json"));
        var read = ScoredGraph.Load(folder.File("a.json"));
        Assert.Equal(scored.Edges, read.Edges);
        Assert.Equal((5, null, "positions 1, 3"), (read.Pairs, read.Pair, read.Positions));
        Assert.Contains(", mean of 5 pairs · eap, gradient at the corrupt run; denoising, at positions 1, 3", read.Caption[0], StringComparison.Ordinal);
        for (var edge = 0; edge < read.Edges.Count; edge++)
        {
            Assert.Equal((-average.Upper()[edge], -average.Lower()[edge]), read.Edges[edge].Interval);
            Assert.Equal(average.StandardErrors()[edge], read.Edges[edge].StandardError);
        }
        File.WriteAllText(folder.File("b.json"), File.ReadAllText(folder.File("a.json")).Replace("\"interval\": [", "\"interval\": [1, ", StringComparison.Ordinal));
        Assert.Contains("it has a lower and an upper end", Assert.Throws<PatchKernelException>(() => ScoredGraph.Load(folder.File("b.json"))).Message, StringComparison.Ordinal);
    }
}
