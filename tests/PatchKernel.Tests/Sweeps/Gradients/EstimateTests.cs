using static TorchSharp.torch;

namespace PatchKernel.Tests.Sweeps;

/// <summary>Estimates of cells by gradients, beside slopes of exact patched runs and beside the plainest way to compute them, in float64.</summary>
public sealed class EstimateTests
{
    private static readonly PatchSource[] Sources =
    [
        PatchSource.Other, PatchSource.Zero, new PatchSource.Mean([RandomModel.Pair.Clean, RandomModel.Pair.Corrupt]), new PatchSource.Resampled(Prompt.FromIds([4, 14, 15, 9, 20, 5])),
        new PatchSource.Noise(Samples: 2),
    ];

    private static readonly ModelConfig[] Configs = [RandomModel.Config, RandomModel.ManyParts(parallel: false), RandomModel.ManyParts(parallel: true)];

    public static TheoryData<int, Activation> Sites { get; } =
        new(Configs.Index().SelectMany(config => Sweep.SitesOf(config.Item).Select(site => (config.Index, site))));

    private static void Near(double[] expected, double[] actual, double tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        var largest = expected.Max(Math.Abs);
        Assert.True(largest > 1e-4, $"{what}: the largest is {largest}");
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * largest, $"{what}: entry {i} is {actual[i]}, not {expected[i]}; the largest is {largest}");
    }

    [Theory, MemberData(nameof(Sites))]
    public void An_estimate_is_the_slope_of_exact_patched_runs(int config, Activation site)
    {
        using var random = RandomModel.Create(Configs[config]);
        using var model = random.Widened(ScalarType.Float64);
        var heads = site is Activation.Q or Activation.K or Activation.V or Activation.Z or Activation.Pattern;
        foreach (var options in (SweepOptions[])[
            new() { Positions = Positions.Each }, new() { Positions = Positions.Each, Direction = Direction.Noising, Source = Sources[2] }, new() { Window = 3, Source = Sources[3] },
            new() { Roles = TokenRole.ParseAll("2:2+3:3,last") }, new() { Source = Sources[4] }, .. heads ? (SweepOptions[])[new() { Positions = Positions.All, Source = PatchSource.Zero }] : []])
        {
            using var naive = new NaiveEstimate(model, RandomModel.Pair, options with { Site = site, Method = SweepMethod.Atp, Metric = Metric.LogitDiff });
            // A step of h leaves an error of h² beside a slope, and rounding one of 1e-16 / h. A window's layers are added up, each as if the others weren't patched.
            Near(Windows(naive.Slopes(1e-4), options.Window, model.Config.NLayers), naive.Library(), 1e-6, $"{options}");
        }
    }

    private static double[] Windows(double[] cells, int window, int layers)
    {
        var each = cells.Chunk(cells.Length / layers).ToArray();
        return window == 1 ? cells : [.. each.Index().SelectMany(centre => centre.Item.Select((_, cell) => each.Where((_, layer) => Math.Abs(layer - centre.Index) <= window / 2).Sum(layer => layer[cell])))];
    }

    [Theory, MemberData(nameof(Sites))]
    public void Every_kind_of_estimate_is_what_the_plainest_way_gives(int config, Activation site)
    {
        using var random = RandomModel.Create(Configs[config], seed: 3);
        using var model = random.Widened(ScalarType.Float64);
        var fixes = site is Activation.Q or Activation.K ? new[] { EstimateFixes.None, EstimateFixes.Softmax, EstimateFixes.GradDrop, EstimateFixes.Softmax | EstimateFixes.GradDrop } : [EstimateFixes.None, EstimateFixes.GradDrop];
        foreach (var fix in fixes)
            foreach (var options in (SweepOptions[])[
                new() { Method = SweepMethod.Atp, Positions = Positions.Each },
                new() { Method = SweepMethod.Ig, Estimate = new() { Steps = 3 } },
                new() { Method = SweepMethod.Ig, Estimate = new() { Steps = 2, Points = PathPoints.FromOne }, Direction = Direction.Noising, Window = 3 },
                new() { Method = SweepMethod.Ig, Estimate = new() { Steps = 2 }, Roles = TokenRole.ParseAll("2:2+3:3,last"), Source = Sources[3] },
                new() { Method = SweepMethod.Ig, Estimate = new() { Steps = 2 }, Source = Sources[4], Positions = Positions.Each }])
            {
                var asked = options with { Site = site, Metric = Metric.LogitDiff, Estimate = options.Estimate with { Fixes = fix } };
                using var naive = new NaiveEstimate(model, RandomModel.Pair, asked);
                var kept = naive.Library();
                Near(naive.Run(), kept, 1e-9, $"{asked}");
                Assert.Equal(kept, naive.Library(keeps: false)); // computed once more, layer by layer
            }
    }

    [Theory, MemberData(nameof(Sites))]
    public void What_stands_behind_the_prompt_is_read_and_not_patched(int config, Activation site)
    {
        using var random = RandomModel.Create(Configs[config]);
        using var model = random.Widened(ScalarType.Float64);
        var pair = RandomModel.Pair with { CleanTarget = Target.FromIds(7, 8, 9) };
        foreach (var positions in (Positions?[])[null, Positions.Each])
        {
            var options = new SweepOptions { Site = site, Positions = positions, Method = SweepMethod.Atp, Metrics = [Metric.AnswerLogProb] };
            using var naive = new NaiveEstimate(model, pair, options);
            Near(naive.Slopes(1e-4), naive.Library(), 1e-6, $"{options}");
            if (site is not (Activation.Q or Activation.K)) continue;
            using var through = new NaiveEstimate(model, pair, options with { Estimate = new() { Fixes = EstimateFixes.Softmax } });
            Near(through.Run(), through.Library(), 1e-9, $"{options}");
        }
    }

    [Fact]
    public void Integrated_gradients_add_up_to_the_whole_effect()
    {
        using var random = RandomModel.Create();
        using var model = random.Widened(ScalarType.Float64);
        // All positions of what enters the first layer are the path itself, so the mean gradient along it is the gap.
        var options = new SweepOptions { Site = Activation.ResidPre, Method = SweepMethod.Ig, Metric = Metric.LogitDiff, Estimate = new() { Steps = 2000 } };
        var result = Sweep.Run(model, RandomModel.Pair, options);
        var sum = result.Raw(Metric.LogitDiff)[..RandomModel.Pair.Clean.Length].Sum(value => value - result.CorruptRun.Of(Metric.LogitDiff));
        var gap = result.CleanRun.Of(Metric.LogitDiff) - result.CorruptRun.Of(Metric.LogitDiff);
        Assert.Equal(gap, sum, 2e-3 * Math.Abs(gap));
    }

    [Theory, InlineData(Activation.Q), InlineData(Activation.K)]
    public void A_key_that_had_everything_and_loses_it_is_seen_exactly(Activation site)
    {
        // Scores of some hundred: a row's largest entry is 1 but for what no double holds beside it, and the patch moves it elsewhere.
        using var random = RandomModel.Create(change: (key, values) => key.Contains("q_proj", StringComparison.Ordinal) ? [.. values.Select(value => 150 * value)] : values);
        using var model = random.Widened(ScalarType.Float64);
        var options = new SweepOptions { Site = site, Method = SweepMethod.Atp, Positions = Positions.Each, Metric = Metric.LogitDiff, Estimate = new() { Fixes = EstimateFixes.Softmax } };
        using var naive = new NaiveEstimate(model, RandomModel.Pair, options);
        Near(naive.Run(), naive.Library(), 1e-9, $"{site}");
    }

    [Theory, InlineData(Activation.Q), InlineData(Activation.K)]
    public void Through_the_softmax_a_saturated_pattern_is_seen(Activation site)
    {
        // The last layer's queries are of twenty times the size: a head looks at one token alone, and the gradient at its queries and keys is next to nothing.
        using var model = RandomModel.Create(change: (key, values) => key.Contains("2.self_attn.q_proj", StringComparison.Ordinal) ? [.. values.Select(value => 20 * value)] : values);
        var options = new SweepOptions { Site = site, Method = SweepMethod.Atp, Positions = Positions.Each, Metric = Metric.LogitDiff, Estimate = new() { Check = 1000 } };
        double Off(EstimateFixes fix) => Sweep.Run(model, RandomModel.Pair, options with { Estimate = options.Estimate with { Fixes = fix } }).Agreement()! is var check
            ? check.Largest.Concat(check.Sample).Where(point => point.Name.StartsWith("layer 2", StringComparison.Ordinal)).Sum(point => Math.Pow(point.Estimate - point.Exact, 2)) : 0;
        Assert.InRange(Off(EstimateFixes.Softmax), 0, Off(EstimateFixes.None) / 2);
    }
}
