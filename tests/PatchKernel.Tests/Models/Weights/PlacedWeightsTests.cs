using PatchKernel.Activations;
using PatchKernel.Models;
using PatchKernel.Sweeps;
using TorchSharp;

namespace PatchKernel.Tests.Models.Weights;

/// <summary>A model whose weights have several homes, and one that several devices compute.</summary>
public sealed class PlacedWeightsTests
{
    private static readonly string Folder = TestData.InRepository("tests", "PatchKernel.Tests", "Data", "tiny", "sharded-bf16");

    private readonly PromptPair pair = PromptPair.FromIds([3, 4, 5, 6, 7], [3, 4, 9, 6, 7], 5, 90);

    [Theory, InlineData("float32"), InlineData("bfloat16")]
    public void Streamed_and_resident_sweeps_are_the_same(string dtype)
    {
        using var resident = LanguageModel.Load(Folder, dtype, "cpu", Residency.All);
        using var streamed = LanguageModel.Load(Folder, dtype, "cpu", Residency.Streamed);
        foreach (var method in Enum.GetValues<SweepMethod>())
        {
            var options = new SweepOptions { Method = method, Source = new PatchSource.Noise(Samples: 2) };
            Assert.Equal(Sweep.Run(resident, pair, options).Values, Sweep.Run(streamed, pair, options).Values);
        }
    }

    [Fact]
    public void A_sweep_reads_each_layer_once_and_no_more_of_the_embedding_than_it_needs()
    {
        using var checkpoint = Checkpoint.Open(Folder);
        using var model = LanguageModel.Load(checkpoint, device: "cpu", residency: Residency.Streamed);
        var options = new SweepOptions { Verify = 0 };
        Sweep.Run(model, [new SweepRequest(pair, options), new SweepRequest(pair, options with { Site = Activation.AttnOut })]);
        foreach (var weight in Enumerable.Range(0, model.Config.NLayers).SelectMany(layer => WeightLayout.Layer(model.Config, layer)))
            Assert.Equal((weight.Key, checkpoint.StoredBytes(weight)), (weight.Key, checkpoint.BytesRead(weight)));
        var unembedding = WeightLayout.Unembedding(model.Config);
        Assert.Equal(checkpoint.StoredBytes(unembedding), checkpoint.BytesRead(unembedding));
        var row = checkpoint.StoredBytes(WeightLayout.Embedding(model.Config)) / model.Config.DVocab;
        Assert.Equal(row * (5 + 5), checkpoint.BytesRead(WeightLayout.Embedding(model.Config)));
    }

    [Fact]
    public void All_verified_cells_of_a_narrow_sweep_take_one_more_reading()
    {
        using var checkpoint = Checkpoint.Open(Folder);
        using var model = LanguageModel.Load(checkpoint, "bfloat16", "cpu", Residency.Streamed);
        Assert.Equal(3, Sweep.Run(model, pair).Verified!.Cells);
        foreach (var weight in Enumerable.Range(0, model.Config.NLayers).SelectMany(layer => WeightLayout.Layer(model.Config, layer)))
            Assert.Equal((weight.Key, 2 * checkpoint.StoredBytes(weight)), (weight.Key, checkpoint.BytesRead(weight)));
    }

    [Fact]
    public void A_cancelled_sweep_lets_go_of_what_was_read_ahead()
    {
        using var model = LanguageModel.Load(Folder, device: "cpu", residency: Residency.Streamed);
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Sweep.Run(model, pair, progress: new Cancelling(cancel), cancel: cancel.Token));
        Assert.False(((PlacedWeights)model.Weights).HasReadAhead);
        Assert.Equal(Sweep.Run(model, pair).Values, Sweep.Run(model, pair).Values);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Weights_at_home_in_several_places_give_the_same_numbers(bool tied)
    {
        var config = RandomModel.Config with { TiedEmbeddings = tied, Biases = Matrices.Attention };
        using var whole = RandomModel.Create(config);
        foreach (var (ends, layers) in new[] { (WeightHome.Disk, WeightHome.Memory), (WeightHome.Memory, WeightHome.Disk), (WeightHome.Device, WeightHome.Memory) })
        {
            WeightHome[] homes = [ends, WeightHome.Device, layers, WeightHome.Disk, ends];
            using var placed = RandomModel.Create(config, parts => [.. parts.All.Zip(homes, (part, home) => new PlacedPart(part.Module, part.Bytes, home, torch.CPU))]);
            // libtorch sums small matrices in another order where they lie at another alignment.
            Near.Equal(whole.NextTokenLogits(RandomModel.Pair.Clean.Ids), placed.NextTokenLogits(RandomModel.Pair.Clean.Ids), 1e-5f, $"{ends} {layers}");
            Near.Equal(Sweep.Run(whole, RandomModel.Pair).NormalisedScore, Sweep.Run(placed, RandomModel.Pair).NormalisedScore, 1e-5f, $"{ends} {layers}");
        }
    }

    // Tensors of the meta device have shapes and no numbers, and an operation that mixes them with the CPU's fails: so whatever a layer computes
    // with was moved to its device.
    [Theory]
    [InlineData(1, null), InlineData(3, null), InlineData(1, false), InlineData(3, false), InlineData(1, true), InlineData(2, true)]
    public void All_that_a_layer_computes_with_is_on_its_device(int first, bool? parallel)
    {
        var config = parallel is { } order ? RandomModel.ManyParts(order) : RandomModel.Config;
        var meta = new torch.Device(DeviceType.META);
        using var model = RandomModel.Create(config, parts =>
            [.. parts.All.Select((part, index) => new PlacedPart(part.Module, part.Bytes, WeightHome.Device, index <= first ? torch.CPU : meta))]);
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        Assert.Equal(DeviceType.META, model.LastLogits([new(RandomModel.Pair.Clean.Ids, TapSequence.None)], TestContext.Current.CancellationToken).device_type);
        foreach (var site in Sweep.SitesOf(config))
        {
            using var plan = new SweepPlan(model, [new SweepRequest(RandomModel.Pair, new SweepOptions { Site = site, Window = 3 })]);
            new Wavefront(model, plan.Lanes, plan.Tasks).Run(
                CellGroup.Plan(model.Config, plan.Lanes, plan.Tasks, room: 0),
                leaving => Assert.All(leaving, rows => Assert.Equal(DeviceType.META, rows.Resid.device_type)), _ => { }, TestContext.Current.CancellationToken);
        }
    }

    [Theory, InlineData(0), InlineData(1), InlineData(7), InlineData(20)]
    public void Where_a_weight_cannot_be_read_those_before_it_are_freed(int readable)
    {
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        var read = 0;
        Assert.Throws<PatchKernelException>(() => PlacedWeights.OnCpu(RandomModel.Config, (weight, dtype) => read++ < readable
            ? torch.zeros(weight.Shape, dtype).DetachFromDisposeScope()
            : throw new PatchKernelException("The disk is gone."), torch.ScalarType.Float32));
        Assert.Equal((readable + 1, before), (read, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount));
    }

    private sealed class Cancelling(CancellationTokenSource cancel) : IProgress<SweepProgress>
    {
        public void Report(SweepProgress value) => cancel.Cancel();
    }
}
