namespace PatchKernel.Tests.Sweeps;

/// <summary>Attribution patching: estimates of a sweep's cells by gradients.</summary>
public sealed class AttributionTests
{
    public static TheoryData<string> Checkpoints => TinyCase.All;

    public static TheoryData<string> Gguf => TinyCase.AllGguf;

    [Theory, MemberData(nameof(Checkpoints))]
    public void Every_site_s_estimates_are_those_of_autograd_in_PyTorch(string name) => Check(name, gguf: false);

    [Theory, MemberData(nameof(Gguf))]
    public void And_from_GGUF_files(string name) => Check(name, gguf: true);

    private static void Check(string name, bool gguf)
    {
        using var tiny = new TinyCase(name, gguf);
        var count = 0;
        foreach (var array in tiny.Arrays.Names.Where(array => array.StartsWith("atp.", StringComparison.Ordinal)))
        {
            var options = new SweepOptions { Site = ActivationNames.Parse(array["atp.".Length..]), Positions = Positions.Each, Metric = Metric.TargetLogit, Method = SweepMethod.Atp };
            var result = Sweep.Run(tiny.Model, tiny.Pair, options);
            Assert.Equal(tiny.Arrays.Shape(array), result.Shape);
            var corrupt = result.CorruptRun.Of(Metric.TargetLogit);
            Near.Equal(tiny.Arrays.Floats(array), [.. result.Raw(Metric.TargetLogit).Select(value => value - corrupt)], 1e-4f, array);
            count++;
        }
        Assert.True(count >= 10, $"{count} arrays");
    }

    [Fact]
    public void An_estimate_has_no_logits_and_is_not_verified_as_if_it_were_exact()
    {
        using var model = RandomModel.Create(dtype: TorchSharp.torch.ScalarType.BFloat16); // which verifies some cells by default
        var options = new SweepOptions { Method = SweepMethod.Atp };
        Assert.Null(Sweep.Run(model, RandomModel.Pair, options).Verified);
        foreach (var asked in (SweepOptions[])[options with { KeepLogits = true }, options with { Verify = 2 }])
            Assert.Equal(
                "Attribution patching estimates metrics, so there are no logits to keep or to verify; leave both out, or sweep exactly.",
                Assert.Throws<PatchKernelException>(() => Sweep.Run(model, RandomModel.Pair, asked)).Message);
    }
}
