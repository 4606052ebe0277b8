using PatchKernel.Models;
using TorchSharp;

namespace PatchKernel.Tests.Models;

/// <summary>Infinite logits and logits that are not a number: refused, with the first activation that is so.</summary>
public sealed class NonFiniteTests
{
    private static readonly int[] Ids = RandomModel.Pair.Clean.Ids.ToArray();

    [Theory]
    [InlineData("model.norm.weight", float.PositiveInfinity, "final_norm, after layer 2, at position 0")]
    [InlineData("model.layers.1.mlp.down_proj.weight", float.NaN, "mlp_out of layer 1, at position 0")]
    [InlineData("model.layers.2.self_attn.q_proj.weight", float.NaN, "q of layer 2, at position 0")]
    [InlineData("model.layers.0.input_layernorm.weight", float.NegativeInfinity, "q of layer 0, at position 0")]
    [InlineData("lm_head.weight", float.NaN, "the unembedding (lm_head)")]
    public void The_first_activation_is_named(string weight, float value, string place)
    {
        using var model = With(weight, value, index: 5);
        foreach (var run in (Action[])[() => model.NextTokenLogits(Ids), () => model.Forward(Ids), () => model.RunWithCache(Ids), () => Sweep.Run(model, RandomModel.Pair)])
        {
            var message = Assert.ThrowsAny<PatchKernelException>(run).Message;
            Assert.Contains($"logits are infinite or not a number, and the first such number is in {place}", message, StringComparison.Ordinal);
            Assert.Contains("get the model's files anew", message, StringComparison.Ordinal);
            Assert.DoesNotContain("float32", message, StringComparison.Ordinal); // it is float32 already
        }
    }

    [Fact]
    public void A_damaged_token_is_found_at_its_position()
    {
        using var model = With("model.embed_tokens.weight", float.NaN, index: Ids[2] * RandomModel.Config.DModel);
        Assert.Contains("is in embed, at position 2", Assert.ThrowsAny<PatchKernelException>(() => model.NextTokenLogits(Ids)).Message, StringComparison.Ordinal);
        int[] without = [.. Ids.Where(id => id != Ids[2])];
        Assert.All(model.NextTokenLogits(without), logit => Assert.True(float.IsFinite(logit)));
    }

    [Fact]
    public void Numbers_too_large_for_float16_are_said_to_be_so()
    {
        using var model = With("model.layers.1.mlp.down_proj.weight", 60000, index: 3, torch.ScalarType.Float16, also: ("model.layers.1.mlp.up_proj.weight", 500));
        var message = Assert.ThrowsAny<PatchKernelException>(() => model.NextTokenLogits(Ids)).Message;
        Assert.Contains("of layer 1", message, StringComparison.Ordinal);
        Assert.EndsWith("float16 ends at 65504, so run the model in float32 or bfloat16.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_tap_puts_in_is_not_the_weights_fault()
    {
        using var model = RandomModel.Create();
        using var source = torch.full([1, Ids.Length, RandomModel.Config.DModel], Scalars.Of(double.NaN));
        var message = Assert.ThrowsAny<PatchKernelException>(() => model.NextTokenLogits(Ids, new Put(source))).Message;
        Assert.EndsWith("is in resid_post of layer 1, at position 0: a tap put it in.", message, StringComparison.Ordinal);
        Assert.StartsWith(
            "The tap on resid_post of layer 1 brings [1, 24] with a number that is infinite or none (NaN)",
            Assert.ThrowsAny<PatchKernelException>(() => model.NextTokenLogits(Ids, Tap.Put(Activation.ResidPost, 1, 3, source))).Message, StringComparison.Ordinal);
    }

    /// <summary>A tap of a user's own, which looks at nothing.</summary>
    private sealed class Put(torch.Tensor source) : ITap
    {
        public torch.Tensor Visit(Activation activation, int layer, torch.Tensor value) => activation == Activation.ResidPost && layer == 1 ? source : value;
    }

    [Theory, InlineData(SweepMethod.Wavefront), InlineData(SweepMethod.Naive)]
    public void The_cell_is_named_too(SweepMethod method)
    {
        // Without an epsilon the norm of zeros is 0 · ∞.
        using var model = RandomModel.Create(RandomModel.Config with { NormEpsilon = 0 });
        var options = new SweepOptions { Source = PatchSource.Zero, Method = method };
        Assert.Equal(
            "With resid_post patched at layer 0, position 0, the logits are infinite or not a number, and the first such number is in q of layer 1, at position 0: "
            + "the weights there are damaged or far too large, so get the model's files anew or take another model.",
            Assert.ThrowsAny<PatchKernelException>(() => Sweep.Run(model, RandomModel.Pair, options)).Message);
    }

    [Fact]
    public void No_tensor_is_left_behind()
    {
        using var model = With("model.norm.weight", float.NaN, index: 0);
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        Assert.ThrowsAny<PatchKernelException>(() => model.NextTokenLogits(Ids));
        Assert.ThrowsAny<PatchKernelException>(() => Sweep.Run(model, RandomModel.Pair));
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    private static LanguageModel With(
        string key, float value, int index, torch.ScalarType dtype = torch.ScalarType.Float32, (string Key, float Value)? also = null)
    {
        return RandomModel.Create(dtype: dtype, change: (name, values) =>
        {
            if (name == key) values[index] = value;
            if (name == also?.Key) Array.Fill(values, also.Value.Value);
            return values;
        });
    }
}
