using CsCheck;
using PatchKernel.Models;
using PatchKernel.Sweeps;
using static TorchSharp.torch;

namespace PatchKernel.Tests.Sweeps;

/// <summary>Models put together from random parts, in combinations too that no family has: the wavefront is exact, and gradients flow.</summary>
public sealed class PartTests
{
    private static readonly Gen<RopeConfig?> Ropes = Gen.OneOf<RopeConfig?>(
        null, new RopeConfig.Plain(100), new RopeConfig.Linear(1000, 4), new RopeConfig.Yarn(1000, 4, 4, 1.2), new RopeConfig.Dynamic(100, 2, 3),
        new RopeConfig.LongRope(100, [2f, 3f, 4f], [1f, 1.5f, 2f], 4, 1.1));

    private static readonly Gen<PartList> Attention =
        from queryKeyNorm in Gen.Enum<QueryKeyNorm>()
        from divisor in Gen.OneOf<double?>(null, 1.5)
        from cap in Gen.OneOf<double?>(null, 2)
        from interleaved in Gen.Bool
        from table in Gen.Bool
        select PartList.Llama with { QueryKeyNorm = queryKeyNorm, ScoreDivisor = divisor, ScoreCap = cap, Interleaved = interleaved, LearnedPositions = table };

    private static readonly Gen<PartList> Parts =
        from attention in Attention
        from norm in Gen.OneOf(NormKind.Rms, NormKind.Layer with { HasBias = true }, NormKind.Layer with { HasScale = false }, NormKind.Rms with { HasScale = false })
        from before in Gen.Bool
        from behind in Gen.Bool
        from gated in Gen.Bool
        from nonlinearity in Gen.OneOf(Nonlinearity.Silu, Nonlinearity.Gelu, Nonlinearity.GeluTanh)
        from order in Gen.Int[0, 2]
        from scale in Gen.OneOf(1.0, 2.5)
        from logitCap in Gen.OneOf<double?>(null, 3)
        select attention with
        {
            Norm = norm,
            NormBefore = before || !behind, // without any, numbers leave all bounds
            NormBehind = behind,
            Gated = gated,
            Nonlinearity = nonlinearity,
            Parallel = order > 0,
            OneNorm = order > 1,
            EmbeddingScale = scale,
            LogitCap = logitCap,
        };

    /// <summary>Models of random parts.</summary>
    internal static readonly Gen<ModelConfig> Configs =
        from layers in Gen.Int[1, 4]
        from kvHeads in Gen.Int[1, 3]
        from queries in Gen.Int[1, 2]
        from biases in Gen.Int[0, 127]
        from tied in Gen.Bool
        from parts in Parts
        from width in Gen.OneOf<int?>(null, 2, 4)
        from positions in Gen.Select(Ropes, Gen.OneOf<int?>(null, null, 1, 2, 3), (rope, window) => new LayerPositions(width is null || rope is not RopeConfig.LongRope ? rope : null, window)).Array[layers]
        select RandomModel.Config with
        {
            NLayers = layers,
            NHeads = kvHeads * queries,
            NKeyValueHeads = kvHeads,
            TiedEmbeddings = tied,
            Biases = (Matrices)biases & (parts.Gated ? (Matrices)127 : ~Matrices.Gate),
            Layout = TensorLayout.Gguf, // it has a name for everything
            Parts = parts with { RotaryWidth = width, Layers = new(positions) },
        };

    /// <summary>Pairs that differ in one position.</summary>
    internal static readonly Gen<PromptPair> Pairs =
        from length in Gen.Int[1, 7]
        from clean in Gen.Int[0, 49].Array[length]
        from changed in Gen.Int[0, length - 1]
        from to in Gen.Int[0, 49]
        let corrupt = clean.Select((id, pos) => pos == changed ? to : id).ToArray()
        where !corrupt.SequenceEqual(clean)
        select PromptPair.FromIds(clean, corrupt, 7, 11);

    [Fact]
    public void With_any_parts_the_wavefront_equals_the_naive_sweep_at_every_site() => (
        from config in Configs
        from seed in Gen.Int[0, 1000]
        from pair in Pairs
        from window in Gen.OneOf(1, 3)
        from zeros in Gen.Bool
        from each in Gen.Bool
        select (config, seed, pair, window, zeros, each)).Sample((config, seed, pair, window, zeros, each) =>
    {
        using var random = RandomModel.Create(config, seed);
        using var model = random.Widened(ScalarType.Float64);
        foreach (var site in Sweep.SitesOf(config))
        {
            var options = new SweepOptions
            {
                Site = site,
                Positions = each || SiteTable.Of(site, null).EachPosition ? Positions.Each : Positions.All,
                Window = Math.Min(window, Math.Max(1, 2 * config.NLayers - 3)),
                Source = zeros ? PatchSource.Zero : PatchSource.Other,
                Direction = zeros ? Direction.Noising : Direction.Denoising,
                KeepLogits = true,
            };
            if (!Gapless.TryRun(() => Sweep.Run(model, pair, options with { Method = SweepMethod.Naive }), out var naive)) return;
            var fast = Sweep.Run(model, pair, options);
            foreach (var (expected, actual) in naive!.Logits!.Zip(fast.Logits!))
            {
                var largest = Math.Max(1, expected.Max(Math.Abs));
                Near.Equal([.. expected.Select(logit => logit / largest)], [.. actual.Select(logit => logit / largest)], 1e-5f, $"{site.Name()}"); // in float64
            }
        }
    }, iter: 60, threads: 1);

    [Fact]
    public void With_any_parts_a_gradient_is_the_slope() => (
        from config in Configs
        from seed in Gen.Int[0, 1000]
        select (config, seed)).Sample((config, seed) =>
    {
        const double step = 1e-6;
        using var scope = NewDisposeScope();
        using var random = RandomModel.Create(config, seed);
        using var model = random.Widened(ScalarType.Float64);
        var start = model.Embed(RandomModel.Pair.Clean.Ids)[0].clone().requires_grad_();
        Logit(start).backward();
        var slope = start.grad!;
        var along = randn_like(slope);
        double At(double sign)
        {
            using var noGrad = no_grad();
            return Logit(start.Plus(along.Times(sign * step))).item<double>();
        }
        var (expected, found) = ((slope * along).sum().item<double>(), (At(1) - At(-1)) / (2 * step));
        Assert.Equal(expected, found, 1e-4 * Math.Max(1, Math.Abs(expected)));

        Tensor Logit(Tensor embedded)
        {
            var put = new Embedded(embedded.unsqueeze(0));
            return model.Unembedding.Forward(new ForwardPass(model).Streams([new TappedRun(RandomModel.Pair.Clean.Ids, put)], CancellationToken.None)[0])[0, -1, 7];
        }
    }, iter: 20, threads: 1);

    private sealed class Embedded(Tensor value) : ITap
    {
        public bool Wants(Activation activation, int layer) => activation == Activation.Embed;

        public Tensor Visit(Activation activation, int layer, Tensor before) => activation == Activation.Embed ? value.alias() : before;
    }
}
