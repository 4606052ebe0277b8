using TorchSharp;

namespace PatchKernel.Tests.Taps;

/// <summary>Whatever a lambda does, the run ends with one sentence that says where, and the next run works.</summary>
public sealed class TapFaultTests : IDisposable
{
    private static readonly int[] Ids = [3, 14, 15, 9, 26, 5];

    private readonly LanguageModel model = RandomModel.Create();

    public void Dispose() => model.Dispose();

    public static TheoryData<string, Func<ActivationValue, ActivationValue>> Faults { get; } = new()
    {
        { "The tap on attn_out of layer 1 brings [1, 6, 5] where the run has [1, 6, 24]; give it a value of that shape.", _ => torch.zeros(1, 6, 5) },
        { "brings [6, 24] where the run has [1, 6, 24]", _ => torch.zeros(6, 24) },
        { "brings [] where the run has [1, 6, 24]", value => value.Tensor.sum() },
        { "brings [1, 6, 24] in Float64 where the run has Float32; convert it with .to(ScalarType.Float32).", value => value.Tensor.to(torch.float64) },
        { "brings [1, 6, 24] in Int64 where the run has Float32", _ => torch.zeros(1, 6, 24, torch.int64) },
        { "brings [1, 6, 24] on meta where the run is on cpu", value => value.Tensor.to(new torch.Device(DeviceType.META)) },
        { "with a number that is infinite or none (NaN), where the run has finite ones", value => value / 0.0 },
        { "with a number that is infinite or none (NaN)", value => value * double.NaN },
        { "gives back a tensor that was disposed of", value => Disposed(value.Tensor.clone()) },
        { "The attn_out of layer 1 was disposed of before its use", value => Disposed(value) * 2 },
        { "The tap on attn_out of layer 1 gives back a tensor that was disposed of", value => Disposed(value) },
        { "The tap on attn_out of layer 1 failed on [1, 6, 24] with InvalidOperationException: as it pleases.", _ => throw new InvalidOperationException("as it pleases.\nSecond line") },
        { "The tap on attn_out of layer 1 gives nothing back; let it give the value itself to leave it.", _ => null! },
        { "The tap on attn_out of layer 1 failed on [1, 6, 24] with ExternalException: ", value => value.Tensor.to_sparse() },
        { "The attn_out of layer 1, [1, 6, 24], + a tensor, [5], can't be computed", value => value + torch.zeros(5) },
        { "A tensor, [2, 1, 5], / the attn_out of layer 1, [1, 6, 24], can't be computed", value => torch.zeros(2, 1, 5) / value },
        { "The attn_out of layer 1, [1, 6, 24], * a tensor, [24], can't be computed: one is on cpu, the other on meta", value => value * torch.zeros(24, device: new torch.Device(DeviceType.META)) },
        // TorchSharp's own matmul ends the process on these.
        { "The attn_out of layer 1, [1, 6, 24], times, as matrices, a tensor, [23, 24], can't be computed", value => value.MatMul(torch.zeros(23, 24)) },
        { "times, as matrices, a tensor, [23], can't be computed", value => value.MatMul(torch.zeros(23)) },
        { "times, as matrices, a tensor, [], can't be computed", value => value.MatMul(torch.tensor(1f)) },
        { "The attn_out of layer 1, [2, 3, 6, 24], times, as matrices, a tensor, [2, 2, 24, 24], can't be computed", value => value.MatMul(torch.zeros(2, 3, 24, 24)).MatMul(torch.zeros(2, 2, 24, 24)) },
        { "times, as matrices, a tensor, [24, 24], can't be computed", value => value.MatMul(torch.zeros(24, 24, torch.float64)) },
        { "times, as matrices, a tensor, [24, 24], can't be computed", value => value.MatMul(torch.zeros(24, 24, torch.int64)) },
        { "times, as matrices, a tensor, [24, 24], can't be computed: one is on cpu, the other on meta", value => value.MatMul(torch.zeros(24, 24, device: new torch.Device(DeviceType.META))) },
        { "The attn_out of layer 1 has no position 6; it has 0 to 5.", value => value.At(6) },
        { "The attn_out of layer 1 has no heads; leave the head out.", value => value.At(0, head: 1) },
        { "is no whole activation", value => value.At(0).At(0) },
        { "with, at one place, a tensor, [5], can't be computed: at that place it is [1, 24]", value => value.WithPart(0, torch.zeros(5)) },
        { "failed on [1, 6, 24] with ExternalException: ", value => value.Tensor.maximum(torch.zeros(5)) },
        { "failed on [1, 6, 24] with ExternalException: ", value => torch.nn.functional.linear(value, torch.zeros(7, 5)) },
        { "failed on [1, 6, 24] with ExternalException: ", value => torch.bmm(value, torch.zeros(3, 24, 2)) },
        { "failed on [1, 6, 24] with ExternalException: ", value => torch.einsum("bpd,dk->bpk", value, torch.zeros(5, 5)) },
        { "failed on [1, 6, 24] with ExternalException: ", value => value.Tensor.reshape(7, 7) },
        { "failed on [1, 6, 24] with ExternalException: ", value => value.Tensor.select(1, 99) },
        { "failed on [1, 6, 24] with ", value => value.Tensor.index_select(1, torch.tensor(new long[] { 99 })) },
    };

    [Theory, MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public void A_fault_is_one_sentence_and_the_next_run_works(string expected, Func<ActivationValue, ActivationValue> fault)
    {
        var before = model.NextTokenLogits(Ids);
        var alive = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        var message = Assert.Throws<PatchKernelException>(() => model.NextTokenLogits(Ids, Tap.Replace(Activation.AttnOut, 1, fault))).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.EndsWith(".", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.Equal(alive, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
        Assert.Equal(before, model.NextTokenLogits(Ids));
    }

    [Fact]
    public void A_part_of_the_wrong_shape_names_the_parts_shape() => Assert.Contains(
        "The tap on z of layer 2 brings [1, 5] where the run has [1, 6]",
        Assert.Throws<PatchKernelException>(() => model.Run(Ids, Tap.Put(Activation.Z, 2, 3, torch.zeros(1, 5), head: 1))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_tensor_that_was_disposed_of_cant_be_put_in()
    {
        var tensor = torch.zeros(24);
        tensor.Dispose();
        Assert.Equal(
            "The tap on resid_post of layer 1 puts in a tensor that was disposed of; dispose of it after the run.",
            Assert.Throws<PatchKernelException>(() => model.Run(Ids, Tap.Put(Activation.ResidPost, 1, 0, tensor))).Message);
    }

    [Fact]
    public void A_stopped_lambda_is_no_fault() => Assert.Throws<OperationCanceledException>(
        () => model.Run(Ids, Tap.Read(Activation.ResidPost, 1, _ => throw new OperationCanceledException())));

    [Fact]
    public void A_tap_that_is_null_is_refused() => Assert.Equal(
        "One of the run's taps is null; leave it out.", Assert.Throws<PatchKernelException>(() => model.Run(Ids, Tap.Read(Activation.Q, _ => { }), null!)).Message);

    [Fact]
    public void What_isnt_finite_before_a_tap_isnt_the_taps_fault()
    {
        using var broken = RandomModel.Create(change: (name, values) =>
        {
            if (name == "model.layers.0.mlp.down_proj.weight") values[0] = float.NaN;
            return values;
        });
        Assert.Contains(
            "the first such number is in mlp_out of layer 0", Assert.ThrowsAny<PatchKernelException>(() => broken.Run(Ids, Tap.Replace(Activation.ResidPost, value => value * 2))).Message,
            StringComparison.Ordinal);
    }

    private static ActivationValue Disposed(torch.Tensor tensor)
    {
        tensor.Dispose();
        return tensor;
    }

    private static ActivationValue Disposed(ActivationValue value)
    {
        value.Dispose();
        return value;
    }

    [Fact]
    public void A_tap_of_ones_own_class_is_held_to_the_same()
    {
        Assert.Equal("A tap at resid_post of layer 0 gives back [6, 24] in Float32 where the run has [1, 6, 24] in Float32.", Refused(value => value[0]));
        Assert.Contains("in Float64 where the run has", Refused(value => value.to(torch.float64)), StringComparison.Ordinal);
        Assert.Contains("gives back no tensor where", Refused(_ => null!), StringComparison.Ordinal);
        Assert.Equal("A tap at resid_post of layer 0 failed with InvalidOperationException: as it pleases.", Refused(_ => throw new InvalidOperationException("as it pleases.")));

        string Refused(Func<torch.Tensor, torch.Tensor> visit) => Assert.Throws<PatchKernelException>(() => model.NextTokenLogits(Ids, new OwnTap(visit))).Message;
    }

    [Fact]
    public void An_activation_that_is_none_is_refused()
    {
        Assert.StartsWith("There is no activation of the number 77", Assert.Throws<PatchKernelException>(() => Tap.Read((Activation)77, _ => { })).Message, StringComparison.Ordinal);
        Assert.StartsWith("There is no activation of the number 99", Assert.Throws<PatchKernelException>(() => model.RunWithCache(Ids, (Activation)99)).Message, StringComparison.Ordinal);
    }

    private sealed class OwnTap(Func<torch.Tensor, torch.Tensor> visit) : ITap
    {
        public torch.Tensor Visit(Activation activation, int layer, torch.Tensor value) => (activation, layer) == (Activation.ResidPost, 0) ? visit(value) : value;
    }
}
