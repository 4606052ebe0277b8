using static TorchSharp.torch;

namespace PatchKernel.Tests.Circuits;

/// <summary>Whatever becomes of estimates, paths and circuits, no tensor is left, and nothing more is computed once they are stopped.</summary>
public sealed class CircuitOwnershipTests
{
    private static readonly EdgeGraph Graph = new(RandomModel.Config);
    private static readonly Circuit Some = new(Graph, Graph.Edges.Where((_, edge) => edge % 3 > 0));
    private static readonly AttributionOptions Estimate = new() { Metrics = [Metric.LogitDiff, Metric.Kl], Steps = 2 };
    private static readonly float[] Scores = [.. Graph.Edges.Select((_, edge) => edge % 7 - 2f)];
    private static readonly Edge[] Few = [new("embed", "L0.v.1"), new("L0.head.1", "L1.mlp"), new("L1.mlp", "logits")];
    private static readonly Lazy<EdgeResult> Estimated = new(() =>
    {
        using var model = RandomModel.Create();
        return EdgeAttribution.Run(model, RandomModel.Pair, Estimate);
    });

    private static readonly Dictionary<string, Action<LanguageModel, CancellationToken>> All = new()
    {
        ["eap"] = (model, cancel) => EdgeAttribution.Run(model, RandomModel.Pair, Estimate, cancel: cancel),
        ["eap, layers computed twice"] = (model, cancel) => EdgeAttribution.Run(model, RandomModel.Pair, Estimate with { Memory = 1 }, cancel: cancel),
        ["eap-ig"] = (model, cancel) => EdgeAttribution.Run(model, RandomModel.Pair, Estimate with { Method = EdgeMethod.EapIg }, cancel: cancel),
        ["eap-ig-activations"] = (model, cancel) => EdgeAttribution.Run(model, RandomModel.Pair, Estimate with { Method = EdgeMethod.EapIgActivations }, cancel: cancel),
        ["exact"] = (model, cancel) => PathPatching.Run(model, RandomModel.Pair, cancel: cancel),
        ["exact at positions"] = (model, cancel) => PathPatching.Run(model, RandomModel.Pair, new() { Positions = [2, 4], Direction = Direction.Noising, KeepLogits = true }, cancel: cancel),
        ["naive"] = (model, cancel) => PathPatching.Run(model, RandomModel.Pair, new() { Naive = true, Edges = Few }, cancel: cancel),
        ["together"] = (model, cancel) => PathPatching.Together(model, RandomModel.Pair, [Few, Graph.Edges], cancel: cancel),
        ["circuits"] = (model, cancel) => CircuitRun.Run(model, RandomModel.Pair, [Some, Some.Complement()], cancel: cancel),
        ["circuits and zeros"] = (model, cancel) => CircuitRun.Run(model, RandomModel.Pair, [Some], new() { Source = PatchSource.Zero }, cancel: cancel),
        ["circuits and a mean"] = (model, cancel) => CircuitRun.Run(model, RandomModel.Pair, [Some], new() { Source = new PatchSource.Mean([RandomModel.Pair.Clean, RandomModel.Pair.Corrupt], EachPosition: false) }, cancel: cancel),
        ["circuit test"] = (model, cancel) => CircuitTest.Run(model, [RandomModel.Pair, RandomModel.Pair], Some, new() { RandomCircuits = 1, Minimality = 1 }, cancel: cancel),
        ["curve"] = (model, cancel) => FaithfulnessCurve.Run(model, [RandomModel.Pair], Scores, new() { Shares = [0.1, 0.5] }, cancel: cancel),
        ["check"] = (model, cancel) => EstimateCheck.Run(model, Estimated.Value, count: 6, cancel: cancel),
    };

    public static TheoryData<string> Names { get; } = [.. All.Keys];

    private static long Alive => TorchSharp.DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

    [Theory, MemberData(nameof(Names))]
    public void At_whatever_layer_it_ends_no_tensor_is_left(string name)
    {
        var call = All[name];
        _ = Estimated.Value;
        using var inner = RandomModel.Create();
        using var watched = new WatchedWeights(inner.Weights);
        using var model = new LanguageModel("random", inner.Config, watched, ScalarType.Float32);
        var before = Alive;
        watched.AtLayer = _ => false;
        call(model, default);
        var (all, start) = (watched.Layers, 0);
        Assert.Equal((before, false), (Alive, watched.IsOpen));
        foreach (var at in Enumerable.Range(1, all).Where(at => all < 50 || at % 7 == 1 || at > all - 8))
        {
            watched.AtLayer = asked => asked - start == at ? throw new IOException("The disk is gone.") : false;
            start = watched.Layers;
            Assert.Equal("The disk is gone.", Assert.Throws<IOException>(() => call(model, default)).Message);
            Assert.Equal((before, false), (Alive, watched.IsOpen));

            watched.AtLayer = asked => asked - start == at;
            start = watched.Layers;
            Assert.ThrowsAny<Exception>(() => call(model, default));
            Assert.Equal((before, false), (Alive, watched.IsOpen));

            using var cancel = new CancellationTokenSource();
            watched.AtLayer = asked =>
            {
                if (asked - start == at) cancel.Cancel();
                return false;
            };
            start = watched.Layers;
            var stopped = Record.Exception(() => call(model, cancel.Token));
            Assert.True(stopped is OperationCanceledException || (stopped is null && at == all), $"at layer {at} of {all}: {stopped}"); // behind the last there is nothing to stop
            Assert.Equal((before, false, at), (Alive, watched.IsOpen, watched.Layers - start));
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Where_numbers_leave_all_bounds_it_says_so_and_no_tensor_is_left(string name)
    {
        _ = Estimated.Value;
        using var model = RandomModel.Create(change: (key, values) => key == "model.layers.2.mlp.down_proj.weight" ? [.. values.Select(_ => float.PositiveInfinity)] : values);
        var before = Alive;
        Assert.Contains("infinite or not a number", Assert.ThrowsAny<PatchKernelException>(() => All[name](model, default)).Message, StringComparison.Ordinal);
        Assert.Equal(before, Alive);
    }
}
