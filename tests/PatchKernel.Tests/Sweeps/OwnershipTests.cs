using PatchKernel.Models;
using TorchSharp;

namespace PatchKernel.Tests.Sweeps;

/// <summary>Who frees what: calls leave as many tensors alive as they found.</summary>
public sealed class OwnershipTests : IDisposable
{
    private readonly LanguageModel model = RandomModel.Create();
    private readonly PromptPair pair = RandomModel.Pair with { CleanTarget = Target.FromIds(7, 8), CorruptTargets = [new(11, null), new(12, null)] };

    public void Dispose() => model.Dispose();

    [Theory, InlineData(SweepMethod.Wavefront), InlineData(SweepMethod.Naive)]
    public void A_sweep_frees_every_tensor_it_made(SweepMethod method) => Leaves(0, () =>
    {
        foreach (var site in Sweep.Sites) Sweep.Run(model, pair, new SweepOptions { Site = site, Method = method, Window = 3, Verify = 1, Metrics = Metric.All });
    });

    [Theory, InlineData(SweepMethod.Wavefront), InlineData(SweepMethod.Naive)]
    public void A_cancelled_sweep_stops_at_once_and_frees_every_tensor_it_made(SweepMethod method) => Leaves(0, () =>
    {
        using var cancel = new CancellationTokenSource();
        var progress = new Trip(cancel);
        Assert.Throws<OperationCanceledException>(() => Sweep.Run(model, pair, new SweepOptions { Method = method }, progress, cancel.Token));
        Assert.Equal(1, progress.Reports);
    });

    [Fact]
    public void A_forward_pass_leaves_its_logits_alone() => Leaves(0, () =>
    {
        using var logits = model.Forward(pair.Clean.Ids);
    });

    [Fact]
    public void A_cached_run_frees_what_it_kept() => Leaves(0, () =>
    {
        using var run = model.RunWithCache(pair.Clean.Ids);
    });

    [Fact]
    public void A_failed_run_leaves_nothing() =>
        Leaves(0, () => Assert.Throws<PatchKernelException>(() => model.RunWithCache([1, 99999])));

    [Fact]
    public void A_patched_run_leaves_the_source_as_it_was()
    {
        using var source = model.RunWithCache(pair.Clean.Ids, Activation.ResidPost);
        var before = source[Activation.ResidPost, 1].ToFloats();
        model.NextTokenLogits(pair.Corrupt.Ids, Tap.Put(Activation.ResidPost, 1, 2, source[Activation.ResidPost, 1]));
        Assert.Equal(before, source[Activation.ResidPost, 1].ToFloats());
    }

    [Fact]
    public void A_model_frees_its_weights() => Leaves(0, () =>
    {
        using var other = RandomModel.Create(RandomModel.Config with { Biases = Matrices.Attention | Matrices.Mlp, TiedEmbeddings = true });
    });

    private static void Leaves(int expected, Action call)
    {
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        call();
        Assert.Equal(expected, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount - before);
    }

    private sealed class Trip(CancellationTokenSource cancel) : IProgress<SweepProgress>
    {
        public int Reports { get; private set; }

        public void Report(SweepProgress value)
        {
            Reports++;
            cancel.Cancel();
        }
    }
}
