using CsCheck;
using PatchKernel.Tests.Sweeps;
using static TorchSharp.torch;

namespace PatchKernel.Tests.Circuits;

/// <summary>Edges patched exactly, all in one pass through the layers or by a full forward each.</summary>
public sealed class PathPatchingTests
{
    public static TheoryData<string> Checkpoints => TinyCase.All;

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Every_edge_s_exact_effect_is_the_golden_one(string name)
    {
        using var tiny = new TinyCase(name);
        var golden = new GoldenEdges(name);
        var result = PathPatching.Run(tiny.Model, tiny.Pair, new PathOptions { KeepLogits = true });
        Assert.Equal(golden.Edges, result.Edges);
        Near.Equal(golden.Arrays.Floats("exact"), [.. result.Logits!.SelectMany(logits => logits)], 1e-4f, "wavefront");
        var some = result.Edges.Where((_, edge) => edge % 17 == 3).ToArray();
        var naive = PathPatching.Run(tiny.Model, tiny.Pair, new PathOptions { KeepLogits = true, Edges = some, Naive = true });
        Near.Equal([.. result.Logits!.Where((_, edge) => edge % 17 == 3).SelectMany(logits => logits)], [.. naive.Logits!.SelectMany(logits => logits)], 1e-4f, "naive");
    }

    [Fact]
    public void With_any_parts_the_wavefront_equals_a_forward_an_edge() => Cases.Sample((config, seed, pair, noising, positions) =>
    {
        using var random = RandomModel.Create(config, seed);
        using var model = random.Widened(ScalarType.Float64);
        var options = new PathOptions { KeepLogits = true, Direction = noising ? Direction.Noising : Direction.Denoising, Positions = positions };
        if (!TryRun(model, pair, options, out var fast)) return;
        var naive = PathPatching.Run(model, pair, options with { Naive = true });
        foreach (var (edge, (expected, actual)) in naive.Edges.Zip(naive.Logits!.Zip(fast!.Logits!)))
        {
            var largest = Math.Max(1, expected.Max(Math.Abs));
            Near.Equal([.. expected.Select(logit => logit / largest)], [.. actual.Select(logit => logit / largest)], 1e-5f, $"{edge}"); // in float64
        }
    }, iter: 60, threads: 1);

    [Fact]
    public void All_edges_together_are_the_other_run() => Cases.Sample((config, seed, pair, noising, _) =>
    {
        using var random = RandomModel.Create(config, seed);
        using var model = random.Widened(ScalarType.Float64);
        var options = new PathOptions { Metrics = [Metric.LogitDiff, Metric.Kl], Direction = noising ? Direction.Noising : Direction.Denoising };
        var edges = new EdgeGraph(config).Edges;
        var values = PathPatching.Together(model, pair, [edges, []], options);
        var runs = Baseline.Run(model, pair, options.Metrics);
        var (there, here) = noising ? (runs.Corrupt, runs.Clean) : (runs.Clean, runs.Corrupt);
        // Attention's biases before a norm belong to no sender, though what the norm makes of them depends on the run.
        if (config.Parts.NormBehind && config.Biases.HasFlag(PatchKernel.Matrices.Output)) return;
        foreach (var metric in options.Metrics)
        {
            Assert.Equal(there.Of(metric), values[metric.Name][0], 1e-4f * Math.Max(1, Math.Abs(there.Of(metric))));
            Assert.Equal(here.Of(metric), values[metric.Name][1], 1e-4f * Math.Max(1, Math.Abs(here.Of(metric))));
        }
    }, iter: 30, threads: 1);

    private static readonly Gen<(ModelConfig Config, int Seed, PromptPair Pair, bool Noising, int[]? Positions)> Cases =
        from config in PartTests.Configs
        from seed in Gen.Int[0, 1000]
        from pair in PartTests.Pairs
        from noising in Gen.Bool
        from all in Gen.Bool
        from positions in Gen.Int[0, pair.Clean.Length - 1].Array[1, 3]
        select (config, seed, pair, noising, all ? null : positions);

    private static bool TryRun(LanguageModel model, PromptPair pair, PathOptions options, out EdgeResult? result)
    {
        result = null;
        try
        {
            result = PathPatching.Run(model, pair, options);
            return true;
        }
        catch (PatchKernelException e) when (e.Message.Contains("gap", StringComparison.Ordinal) || e.Message.Contains("differ", StringComparison.Ordinal))
        {
            return false; // both runs say the same: there is nothing to score
        }
    }
}
