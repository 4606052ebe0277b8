using PatchKernel.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace PatchKernel.Tests.Sweeps;

/// <summary>What estimates leave behind, how soon they stop, what they refuse, and other kinds of weights.</summary>
public sealed class EstimateLimitTests
{
    private const EstimateFixes Both = EstimateFixes.Softmax | EstimateFixes.GradDrop;

    private static readonly SweepOptions Ig = new() { Method = SweepMethod.Ig, Site = Activation.K, Metric = Metric.LogitDiff, Estimate = new() { Steps = 2, Fixes = Both } };

    [Theory, InlineData(SweepMethod.Atp), InlineData(SweepMethod.Ig)]
    public void An_estimate_frees_every_tensor_it_made(SweepMethod method)
    {
        using var model = RandomModel.Create();
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        var pair = RandomModel.Pair with { CleanTarget = Target.FromIds(7, 8) };
        foreach (var site in Sweep.Sites)
            Sweep.Run(model, pair, Ig with { Site = site, Method = method, Window = 3, Metrics = [Metric.LogitDiff, Metric.Kl, Metric.AnswerLogProb], Estimate = new() { Steps = 2, Fixes = site is Activation.Q or Activation.K ? Both : EstimateFixes.GradDrop } });
        Assert.Contains("The metric rank has no gradient", Refusal(model, Ig with { Metrics = [Metric.LogitDiff, Metric.Rank] }), StringComparison.Ordinal);
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [Theory, InlineData(SweepMethod.Atp), InlineData(SweepMethod.Ig)]
    public void A_cancelled_estimate_asks_for_no_further_layer(SweepMethod method)
    {
        using var model = RandomModel.Create();
        var options = Ig with { Method = method, Memory = 3_000_000 };
        var all = new CountedWeights(model.Weights);
        Sweep.Run(new LanguageModel("counted", model.Config, all, model.Dtype), RandomModel.Pair, options);
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        for (var stop = 1; stop <= all.Layers; stop++)
        {
            using var cancel = new CancellationTokenSource();
            var at = stop;
            var weights = new CountedWeights(model.Weights) { OnLayer = layers => { if (layers == at) cancel.Cancel(); } };
            var counted = new LanguageModel("counted", model.Config, weights, model.Dtype);
            Assert.Throws<OperationCanceledException>(() => Sweep.Run(counted, RandomModel.Pair, options, cancel: cancel.Token));
            Assert.Equal(stop, weights.Layers);
        }
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Without_room_for_all_layers_all_but_the_last_are_computed_twice_and_without_room_for_one_it_is_refused()
    {
        using var model = RandomModel.Create();
        var (options, weights) = (Ig with { Estimate = Ig.Estimate with { Check = 0 } }, new CountedWeights(model.Weights));
        var counted = new LanguageModel("counted", model.Config, weights, model.Dtype);
        var expected = Sweep.Run(counted, RandomModel.Pair, options).Values;
        var once = weights.Layers;
        var least = Enumerable.Range(1, 4000).Select(kilobytes => 1000L * kilobytes).First(memory => Tried(memory) is null);
        weights.Layers = 0;
        Assert.Equal(expected, Sweep.Run(counted, RandomModel.Pair, options with { Memory = least }).Values);
        Assert.Equal(once + 2 * (model.Config.NLayers - 1), weights.Layers); // of both points; the last layer is kept for the backward
        Assert.Matches(@"^This estimate of prompts of 6 tokens takes at least [0-9.]+ [kM]B of memory beside the weights, and 10\.0 kB is what it may take: allow more, or shorten the prompts\.$", Tried(10_000));

        string? Tried(long memory)
        {
            try
            {
                Sweep.Run(model, RandomModel.Pair, options with { Memory = memory });
                return null;
            }
            catch (PatchKernelException e)
            {
                return e.Message;
            }
        }
    }

    [Fact]
    public void What_can_t_be_estimated_is_refused_in_one_sentence()
    {
        using var model = RandomModel.Create();
        using var one = RandomModel.Create(RandomModel.Config with { NLayers = 1 });
        var plain = Ig with { Estimate = new() };
        Assert.StartsWith("The fix qk is for the sites q and k", Refusal(model, Ig with { Site = Activation.V }), StringComparison.Ordinal);
        Assert.StartsWith("The fix grad-drop leaves out one layer after another", Refusal(one, Ig), StringComparison.Ordinal);
        Assert.StartsWith("Fixes are for estimates", Refusal(model, Ig with { Method = SweepMethod.Wavefront }), StringComparison.Ordinal);
        Assert.Contains("zeros come from no run", Refusal(model, plain with { Source = PatchSource.Zero }), StringComparison.Ordinal);
        Assert.Contains("a mean comes from no run", Refusal(model, plain with { Source = new PatchSource.Mean([RandomModel.Pair.Clean]) }), StringComparison.Ordinal);
        Assert.StartsWith("A path of 0 points", Refusal(model, plain with { Estimate = new() { Steps = 0 } }), StringComparison.Ordinal);
        Assert.StartsWith("-1 cells can't be checked", Refusal(model, plain with { Estimate = new() { Check = -1 } }), StringComparison.Ordinal);
        var unequal = RandomModel.Pair with { Corrupt = Prompt.FromIds([3, 35, 8, 26, 5]) };
        Assert.Equal("Integrated gradients need prompts of one length, so that there is a path between their embeddings, and these have 5 and 6 tokens; take atp.",
            Assert.Throws<PatchKernelException>(() => Sweep.Run(model, unequal, plain with { Roles = TokenRole.ParseAll("last") })).Message);
        _ = Sweep.Run(model, unequal, plain with { Roles = TokenRole.ParseAll("last"), Method = SweepMethod.Atp });
    }

    [Theory, InlineData(ScalarType.BFloat16, 0.98), InlineData(ScalarType.Float16, 0.999)]
    public void Narrow_weights_give_nearly_the_same(ScalarType dtype, double correlation)
    {
        using var wide = RandomModel.Create();
        using var narrow = RandomModel.Create(dtype: dtype);
        foreach (var site in Sweep.Sites)
        {
            var options = Ig with { Site = site, Estimate = Ig.Estimate with { Fixes = site is Activation.Q or Activation.K ? Both : EstimateFixes.None } };
            float[] Estimates(LanguageModel model) => Sweep.Run(model, RandomModel.Pair, options) is var result ? [.. result.Raw(Metric.LogitDiff).Select(value => value - result.CorruptRun.Of(Metric.LogitDiff))] : [];
            var agreement = Agreement.Of(Estimates(narrow), Estimates(wide));
            Assert.True(agreement.Pearson > correlation, $"{site.Name()}: {agreement}");
        }
    }

    [Fact]
    public void Streamed_weights_give_the_same()
    {
        var folder = TinyCase.Folder("sharded-bf16");
        var pair = PromptPair.FromIds([3, 4, 5, 6, 7], [3, 4, 9, 6, 7], 5, 90);
        using var resident = LanguageModel.Load(folder, device: "cpu", residency: Residency.All);
        using var streamed = LanguageModel.Load(folder, device: "cpu", residency: Residency.Streamed);
        Assert.Equal(Sweep.Run(resident, pair, Ig).Values, Sweep.Run(streamed, pair, Ig).Values);
    }

    private static string Refusal(LanguageModel model, SweepOptions options) => Assert.Throws<PatchKernelException>(() => Sweep.Run(model, RandomModel.Pair, options)).Message;

    /// <summary>Counts the layers that are asked for.</summary>
    private sealed class CountedWeights(IWeightSource inner) : IWeightSource
    {
        public int Layers { get; set; }

        public Action<int>? OnLayer { get; init; }

        public DeviceMap Map => inner.Map;

        public Norm FinalNorm => inner.FinalNorm;

        public Tensor? Positions => inner.Positions;

        public long MostUnembeddingRows => inner.MostUnembeddingRows;

        public Lease Layer(int layer)
        {
            Layers++;
            OnLayer?.Invoke(Layers);
            return inner.Layer(layer);
        }

        public Tensor EmbeddingRows(IReadOnlyList<int> ids) => inner.EmbeddingRows(ids);

        public Tensor UnembeddingRows(long from, long count) => inner.UnembeddingRows(from, count);

        public void EndPass() => inner.EndPass();

        public void Dispose() { }
    }
}
