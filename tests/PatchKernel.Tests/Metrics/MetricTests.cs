using PatchKernel.Metrics;
using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Tests.Metrics;

/// <summary>What metrics are: their numbers against a computation by hand, their scores, and what a gradient finds.</summary>
public sealed class MetricTests : IDisposable
{
    private static readonly PromptPair Several = RandomModel.Pair with { CleanTargets = [new(7, null), new(21, null)], CorruptTargets = [new(11, null), new(30, null), new(4, null)] };

    private readonly LanguageModel model = RandomModel.Create();

    public void Dispose() => model.Dispose();

    [Fact]
    public void Several_answers_are_taken_together()
    {
        var result = Sweep.Run(model, Several, new SweepOptions { Metrics = Metric.All, KeepLogits = true });
        Each(Metric.TargetLogit, logits => (logits[7] + logits[21]) / 2);
        Each(Metric.LogitDiff, logits => (logits[7] + logits[21]) / 2 - (logits[11] + logits[30] + logits[4]) / 3);
        Each(Metric.TargetLogit.LogSumExp(), logits => Math.Log(Math.Exp(logits[7]) + Math.Exp(logits[21])));
        Each(Metric.LogitDiff.LogSumExp(), logits =>
            Math.Log(Math.Exp(logits[7]) + Math.Exp(logits[21])) - Math.Log(Math.Exp(logits[11]) + Math.Exp(logits[30]) + Math.Exp(logits[4])));
        Each(Metric.Probability, logits => (Math.Exp(logits[7]) + Math.Exp(logits[21])) / logits.Sum(Math.Exp));
        Each(Metric.LogProbability, logits => Math.Log((Math.Exp(logits[7]) + Math.Exp(logits[21])) / logits.Sum(Math.Exp)));
        Each(Metric.Rank, logits => logits.Count(logit => logit > Math.Max(logits[7], logits[21])));
        Each(Metric.Best, logits => Array.IndexOf(logits, logits.Max()));
        Each(Metric.Match, logits => Array.IndexOf(logits, logits.Max()) is 7 or 21 ? 1 : 0);
        Assert.Equal(result.CleanTarget, result.Logits!.Select(logits => logits[7]));
        Assert.Equal(result.CorruptTarget, result.Logits!.Select(logits => logits[11]));

        void Each(Metric metric, Func<double[], double> byHand) => Near.Equal(
            [.. result.Logits!.Select(logits => (float)byHand([.. logits.Select(logit => (double)logit)]))], result.Raw(metric), 1e-5f, metric.Name);
    }

    [Fact]
    public void Divergence_is_from_the_clean_run()
    {
        var result = Sweep.Run(model, RandomModel.Pair, new SweepOptions { Metrics = [Metric.Kl], KeepLogits = true });
        var clean = Probabilities(result.CleanLogits!);
        float[] byHand = [.. result.Logits!.Select(Probabilities).Select(patched => (float)clean.Zip(patched, (p, q) => p * Math.Log(p / q)).Sum())];
        Near.Equal(byHand, result.Raw(Metric.Kl), 1e-5f, "kl");
        Assert.Equal(0, result.CleanRun.Of(Metric.Kl), 1e-6f);
        Near.Equal([.. byHand.Select(kl => 1 - kl / result.CorruptRun.Of(Metric.Kl))], result.NormalisedScore, 1e-4f, "score");

        static double[] Probabilities(float[] logits)
        {
            var sum = logits.Sum(logit => Math.Exp(logit));
            return [.. logits.Select(logit => Math.Exp(logit) / sum)];
        }
    }

    [Fact]
    public void A_right_answer_of_the_patched_run_matches()
    {
        var best = Baseline.Run(model, RandomModel.Pair);
        var (clean, corrupt) = (best.Clean.Best[0].Id, best.Corrupt.Best[0].Id);
        Assert.NotEqual(clean, corrupt);
        var pair = RandomModel.Pair with { CleanTarget = new(clean, null), CorruptTarget = new(corrupt, null) };
        var result = Sweep.Run(model, pair, new SweepOptions { Metrics = [Metric.Match, Metric.Best] });
        Assert.Equal((1, 0), (result.CleanRun.Of(Metric.Match), result.CorruptRun.Of(Metric.Match)));
        Assert.Equal(result.Raw(Metric.Best).Select(id => id == clean ? 1f : 0), result.NormalisedScore);
        Assert.Contains(1, result.NormalisedScore);
        Assert.Contains(0, result.NormalisedScore);
    }

    [Theory, InlineData(SweepMethod.Wavefront), InlineData(SweepMethod.Naive)]
    public void A_whole_answer_is_scored_token_by_token(SweepMethod method)
    {
        int[] answer = [7, 33, 2];
        var pair = RandomModel.Pair with { CleanTarget = Target.FromIds(answer) };
        var result = Sweep.Run(model, pair, new SweepOptions { Metrics = [Metric.AnswerLogProb, Metric.TargetLogit], Method = method });
        Assert.Equal([3, 6], result.Shape);
        Assert.Equal(Forwards(pair.Clean.Ids, null), result.CleanRun.Of(Metric.AnswerLogProb), 1e-4);
        Assert.Equal(Forwards(pair.Corrupt.Ids, null), result.CorruptRun.Of(Metric.AnswerLogProb), 1e-4);
        Assert.Equal(result.CleanRun.Of(Metric.AnswerLogProb), Baseline.Run(model, pair, Metric.AnswerLogProb).Clean.Of(Metric.AnswerLogProb), 1e-4f);
        foreach (var (layer, pos) in new[] { (0, 2), (1, 3), (2, 5) })
        {
            var expected = Forwards(pair.Corrupt.Ids, (layer, pos));
            Assert.Equal(expected, result.Raw(Metric.AnswerLogProb)[layer * 6 + pos], 1e-4);
        }
        var plain = Sweep.Run(model, RandomModel.Pair, new SweepOptions { Method = method });
        Near.Equal(plain.CleanTarget, result.Raw(Metric.TargetLogit), 1e-5f, "the first token alone");

        // One plain forward a token of the answer, with what is patched in from a run of the same length.
        double Forwards(IReadOnlyList<int> prompt, (int Layer, int Pos)? cell)
        {
            var sum = 0.0;
            for (var i = 0; i < answer.Length; i++)
            {
                int[] ids = [.. prompt, .. answer[..i]];
                using var source = model.RunWithCache([.. pair.Clean.Ids, .. answer[..i]], Activation.ResidPost);
                ITap[] patch = cell is (var layer, var pos) ? [Tap.Put(Activation.ResidPost, layer, pos, source[Activation.ResidPost, layer])] : [];
                var logits = model.NextTokenLogits(ids, patch);
                sum += logits[answer[i]] - Math.Log(logits.Sum(logit => Math.Exp(logit)));
            }
            return sum;
        }
    }

    [Fact]
    public void A_whole_answer_whose_tokens_arent_known_is_refused()
    {
        var pair = RandomModel.Pair with { CleanTarget = new Target(7, " a") { Answer = " a b" } };
        var error = Assert.Throws<PatchKernelException>(() => Sweep.Run(model, pair, new SweepOptions { Metric = Metric.AnswerLogProb }));
        Assert.Equal("answer_log_prob needs every token of \" a b\", and the target has the first alone; make it by Target.FromText.", error.Message);
    }

    /// <summary>Metrics through which a gradient passes: all but those that count and name.</summary>
    public static TheoryData<string> Differentiable => [.. Metric.All.Where(metric => metric.Name is not ("rank" or "best" or "match")).Select(metric => metric.Name)];

    [Theory, MemberData(nameof(Differentiable))]
    public void A_gradient_passes_through(string name)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3, CPU);
        var pair = Several with { CleanTarget = Target.FromIds(7, 8) };
        var logits = randn([4, 2, 50], generator: generator).requires_grad_();
        var runs = new UnpatchedRuns(pair, randn([100], generator: generator).ToFloats(), randn([100], generator: generator).ToFloats());
        var value = Metric.Parse(name).Of(new MetricInput(logits, runs));
        Assert.Equal([4L], value.shape);
        value.sum().backward();
        var gradient = logits.grad!.ToFloats();
        Assert.All(gradient, number => Assert.True(float.IsFinite(number)));
        Assert.Contains(gradient, number => number != 0);
    }

    [Fact]
    public void A_metric_of_ones_own_is_a_lambda()
    {
        var margin = new Metric("margin", "logit of the clean target less the mean logit", m => m.AtClean(m.Logits) - m.Logits.Tensor.mean([1])) { Unit = "logits" };
        var result = Sweep.Run(model, RandomModel.Pair, new SweepOptions { Metrics = [margin], KeepLogits = true });
        Near.Equal([.. result.Logits!.Select(logits => logits[7] - logits.Average())], result.Raw(margin), 1e-5f, "margin");
        var (high, low) = (result.CleanRun.Of(margin), result.CorruptRun.Of(margin));
        Near.Equal([.. result.Raw(margin).Select(value => Metric.Normalise(value, high, low))], result.NormalisedScore, 1e-6f, "score");
        Assert.Contains("margin", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_metric_of_another_shape_or_one_that_libtorch_refuses_is_one_sentence()
    {
        Refused("The metric 'all' gave numbers of the shape [2, 50] for 2 cells; let it give one a cell, [2].", new("all", "", m => m.Logits));
        Refused("The metric 'one' gave numbers of the shape [] for 2 cells", new("one", "", m => m.Logits.Tensor.mean()));
        Refused("The metric 'thrown' can't be computed: no such thing.", new("thrown", "", _ => throw new InvalidOperationException("no such thing.\n  at somewhere")));
        Refused("The metric 'nothing' can't be computed: ", new("nothing", "", _ => null!));
        Refused("The metric 'wrong' can't be computed: ", new("wrong", "", m => m.Logits.Tensor.select(1, 999)));
        Refused("The metric 'misfit' can't be computed: A tensor, ", new("misfit", "", m => m.Logits + zeros(3)));
        Refused("The metric 'complex' gave complex numbers", new("complex", "", m => m.Logits.Tensor.select(1, 0).to(complex64)));
        Refused("A metric needs a name of one line, a description and a side, and this has the name 'two", new("two\nlines", "", m => m.AtClean(m.Logits)));
        Refused("A metric needs a name of one line", new("side", "", m => m.AtClean(m.Logits)) { CleanIs = (CleanIs)7 });
        Assert.NotEmpty(Sweep.Run(model, RandomModel.Pair).NormalisedScore);

        void Refused(string why, Metric metric)
        {
            var message = Assert.Throws<PatchKernelException>(() => Sweep.Run(model, RandomModel.Pair, new SweepOptions { Metric = metric })).Message;
            Assert.StartsWith(why, message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', message);
        }
    }

    [Fact]
    public void What_a_metric_writes_into_is_its_own()
    {
        var writing = new Metric("writing", "", m => m.Logits.Tensor.zero_().sum(1) + m.AtClean(m.LogProbabilities));
        var expected = Sweep.Run(model, RandomModel.Pair, new SweepOptions { KeepLogits = true });
        var result = Sweep.Run(model, RandomModel.Pair, new SweepOptions { Metrics = [Metric.TargetLogit, writing, Metric.LogitDiff], KeepLogits = true });
        Assert.Equal(expected.Raw(Metric.TargetLogit), result.Raw(Metric.TargetLogit));
        Assert.Equal(expected.Raw(Metric.LogitDiff), result.Raw(Metric.LogitDiff));
        Assert.Equal(expected.Logits, result.Logits);
    }

    [Fact]
    public void A_drawn_metric_needs_a_gap_and_the_others_have_no_score_without_one()
    {
        var same = new Metric("same", "a number that no run changes", m => m.Logits.Tensor.mean([1]) - m.Logits.Tensor.mean([1]));
        Assert.Contains("The gap between the runs is zero: the a number",
            Assert.Throws<PatchKernelException>(() => Sweep.Run(model, RandomModel.Pair, new SweepOptions { Metric = same })).Message, StringComparison.Ordinal);
        var result = Sweep.Run(model, RandomModel.Pair, new SweepOptions { Metrics = [Metric.TargetLogit, same, Metric.Best] });
        foreach (var metric in new[] { same, Metric.Best })
        {
            Assert.False(result.HasScore(metric));
            Assert.Contains($"There is no score by {metric.Name}", Assert.Throws<PatchKernelException>(() => result.Scores(metric)).Message, StringComparison.Ordinal);
            Assert.Equal(result.Raw(metric), result.By(metric).Raw(metric));
            Assert.StartsWith($"{metric.Name}: ", Heatmap.Draw(result, new() { Metric = metric }).Caption[1], StringComparison.Ordinal);
            Assert.EndsWith("which has no score", result.By(metric).ToString(), StringComparison.Ordinal);
        }
        Assert.Contains("has no kl, it has target_logit, same, best", Assert.Throws<PatchKernelException>(() => result.By(Metric.Kl)).Message, StringComparison.Ordinal);
        Assert.Equal(result.Raw(Metric.Best), Sweep.Run(model, RandomModel.Pair, new SweepOptions { Metric = Metric.Best }).Raw(Metric.Best));
    }

    [Fact]
    public void Charts_averages_and_differences_follow_the_metric()
    {
        var one = Sweep.Run(model, RandomModel.Pair, new SweepOptions { Metrics = [Metric.TargetLogit, Metric.Kl, Metric.LogitDiff] });
        var other = Sweep.Run(model, RandomModel.Pair with { CleanTarget = new(9, null) }, new SweepOptions { Metrics = [Metric.TargetLogit, Metric.Kl, Metric.LogitDiff] });
        var (kl, otherKl) = (one.By(Metric.Kl), other.By(Metric.Kl));
        Assert.Equal(one.Scores(Metric.Kl), kl.NormalisedScore);
        Assert.Equal(one.Scores(Metric.Kl)[7], kl.Score(1, 1));
        Assert.Equal(one.NormalisedScore, kl.By(Metric.TargetLogit).NormalisedScore);
        Assert.Equal(kl.Score(2, 5), Heatmap.Draw(one, new() { Metric = Metric.Kl }).Score(2, 5));
        Assert.Equal(kl.Score(2, 5) - one.Score(2, 5), DifferenceHeatmap.Draw(kl, one).Values[17]);
        Assert.Contains(", kl, ", SweepAverage.Of(kl, otherKl).ToString(), StringComparison.Ordinal);
        Assert.Equal((kl.Score(0, 5) + otherKl.Score(0, 5)) / 2, SweepAverage.Of(kl, otherKl).Mean[^3], 1e-5f);
        Assert.Throws<PatchKernelException>(() => SweepAverage.Of(kl, other));
        Assert.Equal(
            "Grids on one scale need one quantity; these are target_logit (logits) and kl (nats).",
            Assert.Throws<PatchKernelException>(() => Heatmaps.Draw([one, kl], new() { Raw = true })).Message);
    }

    [Fact]
    public void A_heatmap_of_a_divergence_shows_it_dark_where_it_is_small()
    {
        var result = Sweep.Run(model, RandomModel.Pair, new SweepOptions { Metrics = [Metric.TargetLogit, Metric.Kl] });
        var chart = Heatmap.Draw(result, new() { Metric = Metric.Kl, Raw = true });
        Assert.Equal(result.Raw(Metric.Kl)[7], chart.Score(1, 1));
        Assert.Equal((result.Raw(Metric.Kl).Min(), result.Raw(Metric.Kl).Max()), ((float)chart.Range.Low, (float)chart.Range.High));
        Assert.Equal(0, chart.ClippedCells);
        Assert.True(chart.Scale.ColourOf(chart.Range.Low, chart.Range).IsDark);
        Assert.False(chart.Scale.ColourOf(chart.Range.High, chart.Range).IsDark);
        Assert.StartsWith("kl (nats): KL divergence from the clean run; ", chart.Caption[1], StringComparison.Ordinal);
        Assert.EndsWith("0.0000 in the clean run", chart.Caption[1], StringComparison.Ordinal);
        Assert.Contains("kl (nats)", chart.ToFigureJson(), StringComparison.Ordinal);
        Assert.Contains("kl: %{customdata[3]:.4f}", Heatmap.Draw(result).ToFigureJson(), StringComparison.Ordinal);
        Assert.NotEmpty(chart.ToPng());
    }

    [Fact]
    public void Noise_gives_each_metrics_mean_and_spread()
    {
        var options = new SweepOptions { Source = new PatchSource.Noise(Samples: 3), Metrics = [Metric.TargetLogit, Metric.Probability] };
        var result = Sweep.Run(model, RandomModel.Pair, options);
        var probability = result.By(Metric.Probability);
        var gap = result.CleanRun.Of(Metric.Probability) - result.CorruptRun.Of(Metric.Probability);
        Near.Equal([.. result.Values["probability_std"].Select(spread => spread / Math.Abs(gap))], probability.Values["normalised_score_std"], 1e-6f, "spread");
        var last = probability.Score(2, 5);
        Assert.Equal(1, last, 1e-3f); // the last layer's last position has all of the clean run
    }
}
