using TorchSharp;

namespace PatchKernel.Tests.Attribution;

/// <summary>Estimates beside the exact effects of some of their edges.</summary>
public sealed class EstimateCheckTests
{
    private static readonly AttributionOptions Options = new() { Metric = Metric.LogitDiff };

    [Theory, InlineData(Direction.Denoising), InlineData(Direction.Noising)]
    public void Exact_effects_are_those_of_path_patching(Direction direction)
    {
        using var model = RandomModel.Create();
        var estimate = EdgeAttribution.Run(model, RandomModel.Pair, Options with { Direction = direction });
        var exact = PathPatching.Run(model, RandomModel.Pair, new() { Metric = Metric.LogitDiff, Direction = direction });
        var check = EstimateCheck.Run(model, estimate, count: 31, seed: 4);
        Assert.Equal((16, 15, 31), (check.Largest.Count, check.Sample.Count, check.Exact.Count));
        var (all, known) = (exact.Scores(), estimate.Scores());
        foreach (var (edge, effect) in check.Exact) Assert.Equal(all[exact.Edges.ToList().IndexOf(edge)], effect, 1e-4f);
        Assert.Equal(known.OrderByDescending(Math.Abs).Take(16), check.Largest.Select(point => point.Estimate));
        Assert.Equal(31, check.Largest.Concat(check.Sample).Select(point => point.Name).Distinct().Count());
        Assert.Equal(Agreement.Of([.. check.Largest.Select(point => point.Estimate)], [.. check.Largest.Select(point => point.Exact)]), check.OfLargest);
        Assert.Equal(2, check.ToString().Split('\n').Length);
        Assert.Equal(check.Sample, EstimateCheck.Run(model, estimate, count: 31, seed: 4).Sample);
        Assert.NotEqual(check.Sample, EstimateCheck.Run(model, estimate, count: 31, seed: 5).Sample);
    }

    [Fact]
    public void Exact_effects_agree_with_themselves_and_none_is_refused()
    {
        using var model = RandomModel.Create();
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        var exact = PathPatching.Run(model, RandomModel.Pair, new() { Metric = Metric.LogitDiff });
        var check = EstimateCheck.Run(model, exact, count: 1_000_000);
        Assert.Equal(exact.Edges.Count, check.Exact.Count);
        Assert.True(check.OfLargest is { Pearson: > 0.9999, SignAgreement: 1 }, $"{check.OfLargest}");
        Assert.InRange(check.OfLargest!.WorstMiss, -1e-4, 1e-4);
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
        Assert.Contains("give a number from 1 on", Assert.Throws<PatchKernelException>(() => EstimateCheck.Run(model, exact, count: 0)).Message, StringComparison.Ordinal);
    }
}
