using TorchSharp;

namespace PatchKernel.Tests.Circuits;

/// <summary>What can't be estimated, patched or run is refused in one sentence, before a layer is read.</summary>
public sealed class CircuitRefusalTests : IDisposable
{
    private static readonly PromptPair Good = RandomModel.Pair;
    private static readonly PromptPair Equal = PromptPair.FromIds([3, 14, 15], [3, 14, 15], 7, 11);
    private static readonly PromptPair Unequal = PromptPair.FromIds([3, 14, 15], [3, 14, 15, 9], 7, 11);
    private static readonly PromptPair Foreign = PromptPair.FromIds([3, 14, 15], [3, 14, 50], 7, 11);
    private static readonly Metric Constant = new("constant", "always 1", m => torch.ones(m.Logits.Shape[0]));
    private static readonly Metric Broken = new("broken", "nothing that fits", m => m.Logits.MatMul(torch.ones(3, 3)));
    private static readonly Metric Wide = new("wide", "too many numbers", m => m.Logits.Tensor);
    private static readonly EdgeGraph Graph = new(RandomModel.Config);
    private static readonly Circuit Some = new(Graph, Graph.Edges.Take(9));
    private static readonly Circuit Others = new(new EdgeGraph(RandomModel.Config with { NLayers = 2 }));

    private static readonly Lazy<EdgeResult> Estimate = new(() =>
    {
        using var model = RandomModel.Create();
        return EdgeAttribution.Run(model, Good);
    });

    private static readonly Dictionary<string, Action<LanguageModel>> Refused = new()
    {
        ["the same of an estimate"] = model => EdgeAttribution.Run(model, Equal),
        ["3 tokens of an estimate"] = model => EdgeAttribution.Run(model, Unequal),
        ["50 of an estimate"] = model => EdgeAttribution.Run(model, Foreign),
        ["no gradient of rank"] = model => EdgeAttribution.Run(model, Good, new() { Metric = Metric.Rank }),
        ["no gradient of best"] = model => EdgeAttribution.Run(model, Good, new() { Metric = Metric.Best }),
        ["no gradient of match"] = model => EdgeAttribution.Run(model, Good, new() { Metrics = [Metric.LogitDiff, Metric.Match] }),
        ["no gradient of one's own"] = model => EdgeAttribution.Run(model, Good, new() { Metric = Constant }),
        ["can't be computed of one's own"] = model => EdgeAttribution.Run(model, Good, new() { Metric = Broken }),
        ["[1, 50] for 1 cells of one's own"] = model => EdgeAttribution.Run(model, Good, new() { Metric = Wide }),
        ["no metric"] = model => EdgeAttribution.Run(model, Good, new() { Metrics = [] }),
        ["asked for twice"] = model => EdgeAttribution.Run(model, Good, new() { Metrics = [Metric.Kl, Metric.Kl] }),
        ["no position 6"] = model => EdgeAttribution.Run(model, Good, new() { Positions = [6] }),
        ["no position -1"] = model => EdgeAttribution.Run(model, Good, new() { Positions = [0, -1] }),
        ["no position to patch"] = model => EdgeAttribution.Run(model, Good, new() { Positions = [] }),
        ["-1 bytes of an estimate"] = model => EdgeAttribution.Run(model, Good, new() { Memory = -1 }),
        ["10001 points"] = model => EdgeAttribution.Run(model, Good, new() { Method = EdgeMethod.EapIg, Steps = 10_001 }),
        ["the same of a path"] = model => PathPatching.Run(model, Equal),
        ["3 tokens of a path"] = model => PathPatching.Run(model, Unequal),
        ["no sender 'L9.mlp'"] = model => PathPatching.Run(model, Good, new() { Edges = [new("L9.mlp", "logits")] }),
        ["no sender ''"] = model => PathPatching.Run(model, Good, new() { Edges = [default] }),
        ["no receiver 'embed'"] = model => PathPatching.Run(model, Good, new() { Edges = [new("embed", "embed")] }),
        ["no edge from L2.mlp to L2.mlp"] = model => PathPatching.Run(model, Good, new() { Edges = [new("L2.mlp", "L2.mlp")] }),
        ["there twice"] = model => PathPatching.Run(model, Good, new() { Edges = [new("embed", "logits"), new("embed", "logits")], Naive = true }),
        ["no receiver 'L1.q.9' of a set"] = model => PathPatching.Together(model, Good, [[new("embed", "logits")], [new("embed", "L1.q.9")]]),
        ["no set of edges"] = model => PathPatching.Together(model, Good, []),
        ["the same of a set"] = model => PathPatching.Together(model, Equal, [[new("embed", "logits")]]),
        ["no position 7 of a set"] = model => PathPatching.Together(model, Good, [[new("embed", "logits")]], new() { Positions = [7] }),
        ["another model's"] = model => CircuitRun.Run(model, Good, [Some, Others]),
        ["the same of a circuit"] = model => CircuitRun.Run(model, Equal, [Some]),
        ["3 tokens of the second pair"] = model => CircuitTest.Run(model, [Good, Unequal], Some),
        ["the same of the second pair"] = model => CircuitTest.Run(model, [Good, Equal], Some),
        ["another model's of a test"] = model => CircuitTest.Run(model, [Good], Others),
        ["50 of a prompt of the mean"] = model => CircuitRun.Run(model, Good, [Some], new() { Source = new PatchSource.Mean([Prompt.FromIds([1, 50])], EachPosition: false) }),
        ["50 of a resampled prompt"] = model => CircuitRun.Run(model, Good, [Some], new() { Source = new PatchSource.Resampled(Prompt.FromIds([1, 2, 3, 4, 5, 50])) }),
        ["3 scores"] = model => FaithfulnessCurve.Run(model, [Good], new float[3]),
        ["infinite or not a number"] = model => FaithfulnessCurve.Run(model, [Good], [.. Graph.Edges.Select((_, at) => at == 5 ? float.NaN : 1)]),
        ["growing shares"] = model => FaithfulnessCurve.Run(model, [Good], new float[Graph.Edges.Count], new() { Shares = [0.1, double.NaN] }),
        ["3 tokens of a curve's second pair"] = model => FaithfulnessCurve.Run(model, [Good, Unequal], new float[Graph.Edges.Count]),
        ["0 edges"] = model => EstimateCheck.Run(model, Estimate.Value, count: 0),
    };

    private readonly LanguageModel inner = RandomModel.Create();

    public static TheoryData<string> Names { get; } = [.. Refused.Keys];

    public void Dispose() => inner.Dispose();

    [Theory, MemberData(nameof(Names))]
    public void It_is_said_in_one_sentence_before_a_layer_is_read(string name)
    {
        using var watched = new WatchedWeights(inner.Weights) { AtLayer = _ => false };
        using var model = new LanguageModel("random", inner.Config, watched, torch.ScalarType.Float32);
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        var message = Assert.Throws<PatchKernelException>(() => Refused[name](model)).Message;
        Assert.Contains(name.Split(" of ")[0], message, StringComparison.Ordinal);
        Hostile.Trial.CheckSentence(message);
        Assert.Equal((0, before), (watched.Layers, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount));
    }
}
