using CsCheck;
using PatchKernel.Metrics;
using PatchKernel.Models;
using PatchKernel.Sweeps;

namespace PatchKernel.Tests.Sweeps;

/// <summary>The wavefront against one full forward a cell, on random models, prompts, sites, windows and sources.</summary>
public sealed class WavefrontTests : IDisposable
{
    // float32, in another order of summation, on logits of order 1.
    private const float Tolerance = 1e-4f;

    private readonly LanguageModel model = RandomModel.Create();

    public void Dispose() => model.Dispose();

    private static readonly Gen<SweepOptions> Options =
        from site in Gen.OneOf([.. Sweep.Sites])
        from each in Gen.Bool
        from window in Gen.OneOf(1, 1, 3, 5)
        from direction in Gen.Enum<Direction>()
        select new SweepOptions
        {
            Site = site,
            Positions = site is Activation.Q or Activation.K or Activation.V or Activation.Z or Activation.Pattern ? each ? Positions.Each : Positions.All : null,
            Window = window,
            Direction = direction,
            Metrics = Metric.All,
        };

    // What sources need of a pair is its length.
    private static Gen<PatchSource> SourcesFor(PromptPair pair, Activation site) => Gen.OneOf(
        Gen.OneOf<PatchSource>(PatchSource.Other, PatchSource.Zero, new PatchSource.Noise(Samples: 2)),
        Gen.Int[0, 49].Array[pair.Clean.Length].Array[1, 3].Select(PatchSource (ids) => new PatchSource.Mean([.. ids.Select(Prompt.FromIds)], EachPosition: true)),
        Gen.Int[0, 49].Array[1, 6].Array[1, 3].Select(PatchSource (ids) =>
            site == Activation.Pattern ? PatchSource.Zero : new PatchSource.Mean([.. ids.Select(Prompt.FromIds)], EachPosition: false)),
        Gen.Int[0, 49].Array[pair.Clean.Length].Select(PatchSource (ids) => new PatchSource.Resampled(Prompt.FromIds(ids))));

    private static readonly Gen<(ModelConfig Config, int Seed)> Models =
        from layers in Gen.Int[1, 4]
        from kvHeads in Gen.Int[1, 3]
        from queries in Gen.Int[1, 3]
        from half in Gen.Int[1, 4]
        from bias in Gen.Bool
        from tied in Gen.Bool
        from seed in Gen.Int[0, 1000]
        select (RandomModel.Config with
        {
            NLayers = layers,
            NHeads = kvHeads * queries,
            NKeyValueHeads = kvHeads,
            DHead = 2 * half,
            Biases = bias ? Matrices.Attention | Matrices.Mlp : Matrices.None,
            TiedEmbeddings = tied,
        }, seed);

    private static readonly Gen<PromptPair> Pairs =
        from length in Gen.Int[1, 7]
        from clean in Gen.Int[0, 49].Array[length]
        from changes in Gen.Int[0, 49].Array[length]
        from change in Gen.Bool.Array[length]
        let corrupt = clean.Select((id, pos) => change[pos] ? changes[pos] : id).ToArray()
        where !corrupt.SequenceEqual(clean)
        from answer in Gen.Int[0, 49].Array[0, 3]
        from more in Gen.Bool
        select PromptPair.FromIds(clean, corrupt, more ? [7, 21] : [7], more ? [11, 30, 4] : [11]) with { CleanTarget = Target.FromIds([7, .. answer]) };

    [Fact]
    public void The_wavefront_equals_the_naive_sweep() => (
        from made in Models
        from pair in Pairs
        from options in Options
        from source in SourcesFor(pair, options.Site)
        let widest = Math.Max(1, 2 * made.Config.NLayers - 3)
        select (made, pair, options with { Source = source, Window = Math.Min(options.Window, widest) })).Sample((made, pair, options) =>
    {
        using var random = RandomModel.Create(made.Config, made.Seed);
        if (!Gapless.TryRun(() => Sweep.Run(random, pair, options with { Method = SweepMethod.Naive }), out var naive)) return;
        Same(naive!, Sweep.Run(random, pair, options));
    }, iter: 300, threads: 1);

    [Fact]
    public void Many_grids_in_one_pass_equal_one_by_one()
    {
        SweepRequest[] requests =
        [
            new(RandomModel.Pair, new SweepOptions()),
            new(PromptPair.FromIds([3, 14, 15], [3, 2, 15], 7, 11), new SweepOptions { Site = Activation.AttnOut }),
            new(PromptPair.FromIds([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 9, 5, 6, 7, 8], 3, 4), new SweepOptions { Site = Activation.Z, Window = 3 }),
            new(RandomModel.Pair, new SweepOptions { Site = Activation.K, Direction = Direction.Noising, Positions = Positions.Each }),
        ];
        foreach (var (request, together) in requests.Zip(Sweep.Run(model, requests)))
            Same(Sweep.Run(model, request.Pair, request.Options), together);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Prompts_of_several_lengths_in_one_pass_each_have_their_own_angles(bool parallel)
    {
        using var other = RandomModel.Create(RandomModel.ManyParts(parallel)); // in its first layer they depend on the length
        SweepRequest[] requests = [.. Enumerable.Range(3, 5).Select(length => new SweepRequest(
            PromptPair.FromIds([.. Enumerable.Range(1, length)], [1, 9, .. Enumerable.Range(3, length - 2)], 7, 11), new SweepOptions { Site = Activation.Z }))];
        foreach (var (request, together) in requests.Zip(Sweep.Run(other, requests)))
            Same(Sweep.Run(other, request.Pair, request.Options with { Method = SweepMethod.Naive }), together);
    }

    [Fact]
    public void A_cell_that_is_off_is_marked_by_its_verification()
    {
        using var plan = new SweepPlan(model, [new SweepRequest(RandomModel.Pair, new SweepOptions())]);
        using var noGrad = TorchSharp.torch.no_grad();
        using var naive = new NaiveSweep(model, plan.Lanes, plan.Tasks);
        var runs = naive.RunLanes(default);
        var cells = model.Config.NLayers * RandomModel.Pair.Clean.Length;
        var measurement = new Measurement(Metric.Usual, false, new(RandomModel.Pair, runs[0], runs[1]), cells, runs[plan.Tasks[0].Base]);
        for (var cell = 0; cell < cells; cell++)
        {
            using var logits = naive.Run(plan.Tasks[0], cell, default);
            measurement.Read([cell], logits.unsqueeze(0));
        }
        var right = Verification.Of(model, plan, plan.Grids[0], [measurement], cells, 64, default);
        Assert.Equal(cells, right.Cells);
        Assert.InRange(right.LargestDeviation, 0, 1e-5f); // logits of several rows are summed in another order than those of one
        Assert.True(right.IsWithinRounding);
        measurement.Values["corrupt_target"][7] += 0.01f;
        var wrong = Verification.Of(model, plan, plan.Grids[0], [measurement], cells, 64, default);
        Assert.False(wrong.IsWithinRounding);
        Assert.Contains("don't trust", wrong.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Verified_cells_are_in_the_result() =>
        Assert.Equal(5, Sweep.Run(model, RandomModel.Pair, new SweepOptions { Verify = 5 }).Verified!.Cells);

    [Fact]
    public void A_narrow_dtype_says_how_far_it_is_from_float32()
    {
        using var narrow = RandomModel.Create(dtype: TorchSharp.torch.ScalarType.BFloat16);
        var verified = Sweep.Run(narrow, RandomModel.Pair).Verified!;
        Assert.Equal(Verification.WhenNarrow, verified.Cells);
        Assert.InRange(verified.LargestDeviation, 1e-6f, 0.2f);
    }

    // Logits of hundreds of thousands are off by hundredths in float32, and of hundreds by whole logits in bfloat16.
    [Theory, InlineData("float32", 1e5), InlineData("bfloat16", 300)]
    public void Large_logits_are_judged_by_their_size(string dtype, double scale)
    {
        using var large = RandomModel.Create(RandomModel.Config, dtype: ComputeDtype.Parse(dtype), change: (key, values) => key == "lm_head.weight" ? [.. values.Select(value => (float)(scale * value))] : values);
        var verified = Sweep.Run(large, RandomModel.Pair, new SweepOptions { Verify = 12 }).Verified!;
        Assert.InRange(verified.LargestDeviation, dtype == "float32" ? 1e-3f : 1, float.MaxValue); // more than a bound in logits could allow
        Assert.True(verified.IsWithinRounding, verified.ToString());
    }

    [Fact]
    public void Kept_logits_give_the_metrics_after_the_sweep()
    {
        var result = Sweep.Run(model, RandomModel.Pair, new SweepOptions { KeepLogits = true, Metrics = [Metric.TargetLogit, Metric.Best] });
        Assert.Equal(result.CleanTarget, result.Logits!.Select(logits => logits[RandomModel.Pair.CleanTarget.Id]));
        Assert.Equal(result.Values["best"], result.Logits!.Select(logits => (float)Array.IndexOf(logits, logits.Max())));
        IReadOnlyList<Metric> metrics = [.. Metric.All.Where(metric => !metric.ReadsAnswer)];
        var during = Sweep.Run(model, RandomModel.Pair, new SweepOptions { Metrics = metrics });
        var after = result.Measured(metrics);
        foreach (var metric in metrics)
        {
            Near.Equal(during.Raw(metric), after.Raw(metric), 1e-6f, metric.Name);
            Assert.Equal(during.CleanRun.Of(metric), after.CleanRun.Of(metric), 1e-6f);
            Assert.Equal(during.CorruptRun.Of(metric), after.CorruptRun.Of(metric), 1e-6f);
        }
        Assert.Throws<PatchKernelException>(() => during.Measured(Metric.Kl));
        Assert.Contains("needs more than the kept logits", Assert.Throws<PatchKernelException>(() => result.Measured(Metric.AnswerLogProb)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "window")]
    [InlineData(0, "window")]
    public void Even_windows_are_refused(int window, string word) => Assert.Contains(word, Assert.Throws<PatchKernelException>(
        () => Sweep.Run(model, RandomModel.Pair, new SweepOptions { Window = window })).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(3, 5, "patches all 3 layers in every cell")]
    [InlineData(3, 99, "give 3 at most")]
    [InlineData(2, 3, "give 1 at most")]
    [InlineData(1, 3, "give 1 at most")]
    public void A_window_that_takes_every_layer_in_every_cell_is_refused(int layers, int window, string expected)
    {
        using var some = RandomModel.Create(RandomModel.Config with { NLayers = layers });
        Assert.Contains(expected, Assert.Throws<PatchKernelException>(
            () => Sweep.Run(some, RandomModel.Pair, new SweepOptions { Window = window })).Message, StringComparison.Ordinal);
        var widest = Math.Max(1, 2 * layers - 3);
        var scores = Sweep.Run(some, RandomModel.Pair, new SweepOptions { Window = widest, Site = Activation.MlpOut });
        Assert.Equal(layers, scores.Shape[0]);
    }

    [Fact]
    public void Options_that_no_sweep_can_have_are_refused_before_it()
    {
        Refused("samples", new() { Source = new PatchSource.Noise(Samples: 0) });
        Refused("samples", new() { Source = new PatchSource.Noise(Samples: int.MaxValue) });
        Refused("standard deviation", new() { Source = new PatchSource.Noise(double.NaN) });
        Refused("standard deviation", new() { Source = new PatchSource.Noise(double.PositiveInfinity) });
        Refused("standard deviation", new() { Source = new PatchSource.Noise(1e-60) });
        Refused("at least one prompt", new() { Source = new PatchSource.Mean([]) });
        Refused("no mean over positions", new() { Source = new PatchSource.Mean([RandomModel.Pair.Clean], EachPosition: false), Site = Activation.Pattern });
        Refused("twice", new() { Metrics = [Metric.Rank, Metric.Kl, Metric.Rank] });
        Refused("name at least one", new() { Metrics = [] });
        Refused("can't be called 'clean_target'", new() { Metrics = [Metric.TargetLogit with { Name = "clean_target" }] });
        Refused("can't be called 'mine_std'", new() { Metrics = [Metric.Rank with { Name = "mine_std" }] });
        Refused("can't be called 'logit_diff'", new() { Metric = new Metric("logit_diff", "mine", m => m.AtClean(m.Logits)) });
        Refused("can't be verified", new() { Verify = -1 });
        var kept = Sweep.Run(model, RandomModel.Pair, new SweepOptions { KeepLogits = true });
        Assert.Throws<PatchKernelException>(() => kept.Measured(Metric.Rank with { Name = "normalised_score" }));

        static void Refused(string why, SweepOptions options) =>
            Assert.Contains(why, Assert.Throws<PatchKernelException>(() => options.Check()).Message, StringComparison.Ordinal);
    }

    private static void Same(SweepResult expected, SweepResult actual)
    {
        Assert.Equal(expected.Axes, actual.Axes);
        Assert.Equal(expected.Shape, actual.Shape);
        Assert.Equal(expected.Values.Keys, actual.Values.Keys);
        foreach (var (name, values) in expected.Values)
        {
            // Where two logits are equal to rounding, rank, best and match may fall either way; scores divide by the gap.
            if (((string[])["rank", "best", "match", "normalised"]).Any(start => name.StartsWith(start, StringComparison.Ordinal))) continue;
            Near.Equal(values, actual.Values[name], Tolerance, $"{expected}: {name}");
        }
    }
}
