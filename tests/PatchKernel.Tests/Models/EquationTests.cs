using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Tests.Models;

/// <summary>The block's equation in float64, where rounding no longer hides a wrong term, and with gradients.</summary>
public sealed class EquationTests : IDisposable
{
    private static readonly int[] Ids = [3, 1, 4, 1, 5, 9];
    private readonly LanguageModel model = RandomModel.Create();
    private readonly LanguageModel wide;

    public EquationTests() => wide = model.Widened(ScalarType.Float64);

    public void Dispose()
    {
        wide.Dispose();
        model.Dispose();
    }

    [Fact]
    public void Float32_is_float64_but_for_rounding()
    {
        using var scope = NewDisposeScope();
        var (narrow, exact) = (model.Forward(Ids), wide.Forward(Ids));
        Assert.Equal(ScalarType.Float64, exact.dtype);
        Assert.InRange((narrow - exact).abs().max().item<double>(), 1e-12, 1e-5); // six decimals of logits of about 1
    }

    [Fact]
    public void In_float64_the_wavefront_and_the_naive_sweep_agree_to_the_last_bit_of_float32()
    {
        var pair = PromptPair.FromIds(Ids, [3, 1, 4, 2, 5, 9], 7, 8);
        foreach (var site in Sweep.Sites)
        {
            var options = new SweepOptions { Site = site };
            var (fast, plain) = (Sweep.Run(wide, pair, options), Sweep.Run(wide, pair, options with { Method = SweepMethod.Naive }));
            foreach (var (one, other) in fast.CleanTarget.Zip(plain.CleanTarget)) Assert.InRange(one, MathF.BitDecrement(other), MathF.BitIncrement(other));
        }
    }

    [Theory]
    [InlineData(Activation.ResidPre)]
    [InlineData(Activation.Q)]
    [InlineData(Activation.K)]
    [InlineData(Activation.V)]
    [InlineData(Activation.Pattern)]
    [InlineData(Activation.Z)]
    [InlineData(Activation.MlpPost)]
    [InlineData(Activation.ResidPost)]
    public void A_gradient_flows_from_a_logit_to_every_activation_and_is_the_slope(Activation site)
    {
        const double step = 1e-6;
        using var scope = NewDisposeScope();
        using var cache = new ActivationCache(site);
        _ = Logit(cache);
        var start = cache[site, 1].clone().requires_grad_();
        Logit(new Replacement(site, start)).backward();
        var slope = start.grad!;
        Assert.True(slope.abs().max().item<double>() > 1e-6, "the gradient is 0");

        var along = randn_like(slope);
        double At(double sign)
        {
            using var noGrad = no_grad();
            return Logit(new Replacement(site, start.Plus(along.Times(sign * step)))).item<double>();
        }
        Assert.Equal((slope * along).sum().item<double>(), (At(1) - At(-1)) / (2 * step), 1e-6);
    }

    private Tensor Logit(ITap tap) => wide.Unembedding.Forward(new ForwardPass(wide).Streams([new TappedRun(Ids, tap)], CancellationToken.None)[0])[0, -1, 7];

    private sealed class Replacement(Activation site, Tensor value) : ITap
    {
        public bool Wants(Activation activation, int layer) => activation == site && layer == 1;

        public Tensor Visit(Activation activation, int layer, Tensor before) => Wants(activation, layer) ? value.alias() : before;
    }
}
