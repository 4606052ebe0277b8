namespace PatchKernel.Tests.Sweeps;

/// <summary>Attribution patching: estimates of a sweep's cells by gradients.</summary>
public sealed class AttributionTests
{
    public static TheoryData<string> Checkpoints => TinyCase.All;

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Every_site_s_estimates_are_those_of_autograd_in_PyTorch(string name)
    {
        using var tiny = new TinyCase(name);
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
}
