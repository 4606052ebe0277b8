namespace PatchKernel.Tests.Models.Weights;

/// <summary>A model whose layers are read when a pass reaches them.</summary>
public sealed class StreamedWeightsTests
{
    private static readonly string Folder = TestData.InRepository("tests", "PatchKernel.Tests", "Data", "tiny", "sharded-bf16");

    private readonly PromptPair pair = PromptPair.FromIds([3, 4, 5, 6, 7], [3, 4, 9, 6, 7], 5, 90);

    [Theory, InlineData("float32"), InlineData("bfloat16")]
    public void Streamed_and_resident_sweeps_are_the_same(string dtype)
    {
        using var resident = Llama.Load(Folder, dtype, "cpu", Residency.All);
        using var streamed = Llama.Load(Folder, dtype, "cpu", Residency.Streamed);
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
        using var model = Llama.Load(checkpoint, device: "cpu", residency: Residency.Streamed);
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
    public void A_cancelled_sweep_lets_go_of_what_was_read_ahead()
    {
        using var model = Llama.Load(Folder, device: "cpu", residency: Residency.Streamed);
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Sweep.Run(model, pair, progress: new Cancelling(cancel), cancel: cancel.Token));
        Assert.False(((StreamedWeights)model.Weights).HasReadAhead);
        Assert.Equal(Sweep.Run(model, pair).Values, Sweep.Run(model, pair).Values);
    }

    private sealed class Cancelling(CancellationTokenSource cancel) : IProgress<SweepProgress>
    {
        public void Report(SweepProgress value) => cancel.Cancel();
    }
}
