using PatchKernel.Models;
using TorchSharp;

namespace PatchKernel.Tests.Taps;

/// <summary>Who frees what a lambda makes.</summary>
public sealed class TapOwnershipTests : IDisposable
{
    private static readonly int[] Ids = [3, 14, 15];

    private readonly LanguageModel model = RandomModel.Create();

    public void Dispose() => model.Dispose();

    [Fact]
    public void Ten_thousand_replaced_activations_leave_no_tensor()
    {
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        using var vector = torch.ones(24);
        var replaced = 0;
        var taps = new ITap[]
        {
            Tap.Replace(Activation.ResidPost, value => { replaced++; return (value * 0.5 + vector - 1) / 2 * value.MatMul(torch.eye(24)); }),
            Tap.Replace(Activation.Z, value => { replaced++; return torch.tanh(value); }, pos: ^1, head: 1),
            Tap.Read(Activation.Pattern, value => value.At(1).ToFloats()),
        };
        while (replaced < 10_000) model.Run(Ids, taps);
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void What_is_kept_outlives_the_run_and_is_the_callers()
    {
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        ActivationValue? kept = null;
        using (torch.NewDisposeScope()) model.Run(Ids, Tap.Read(Activation.ResidPost, 1, value => kept = (value * 2).Keep()));
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
        using var run = model.RunWithCache(Ids, Activation.ResidPost);
        Assert.Equal(run[Activation.ResidPost, 1].ToFloats().Select(value => value * 2), kept!.ToFloats());
        kept.Dispose();
        Assert.Throws<PatchKernelException>(() => kept.ToFloats());
    }

    [Fact]
    public void A_tensor_that_a_lambda_hands_on_stays_its_owners()
    {
        using var owned = torch.ones(1, 3, 24);
        foreach (var tap in (ITap[])[Tap.Replace(Activation.ResidPost, 1, _ => owned), Tap.Put(Activation.ResidPost, 1, null, owned), Tap.Replace(Activation.FinalNorm, _ => owned), Tap.Replace(Activation.Embed, _ => owned)])
        {
            using (torch.NewDisposeScope()) model.Run(Ids, tap);
            Assert.Equal(Enumerable.Repeat(1f, 72), owned.ToFloats());
        }
    }
}
