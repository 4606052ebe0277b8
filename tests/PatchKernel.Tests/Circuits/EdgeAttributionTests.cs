using CsCheck;
using PatchKernel.Circuits;
using PatchKernel.Models;
using PatchKernel.Tests.Sweeps;
using static TorchSharp.torch;

namespace PatchKernel.Tests.Circuits;

/// <summary>Estimates of edges by gradients, in every convention.</summary>
public sealed class EdgeAttributionTests
{
    private static readonly AttributionOptions Eap = new() { Metric = Metric.LogitDiff };
    private static readonly AttributionOptions Ig = Eap with { Method = EdgeMethod.EapIg };

    public static TheoryData<string> Checkpoints => TinyCase.All;

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Every_edge_s_estimates_are_the_golden_ones(string name)
    {
        using var tiny = new TinyCase(name);
        var golden = new GoldenEdges(name);
        foreach (var (array, options) in new[] { ("eap", Eap), ("eap_ig5", Ig) })
        {
            var expected = golden.Arrays.Floats(array);
            var result = EdgeAttribution.Run(tiny.Model, tiny.Pair, options);
            Assert.Equal(golden.Edges, result.Edges);
            Near.Equal(expected, result.Scores(), 1e-4f * expected.Max(Math.Abs), array);
        }
    }

    [Theory]
    [MemberData(nameof(EapIgFiles.Checkpoints), MemberType = typeof(EapIgFiles))]
    public void Under_the_reference_implementation_s_conventions_scores_are_its_own(string name)
    {
        using var tiny = new TinyCase(name);
        Equal("graph_eap_loss", Eap with { At = GradientAt.Clean });
        Equal("graph_eap", Eap with { At = GradientAt.Clean }, ScoreSign.CorruptLessClean);
        Equal("graph_eapig5_loss", Ig);
        Equal("graph_eapig5", Ig, ScoreSign.CorruptLessClean);
        Equal("graph_eapig5_alphas_1_to_5", Ig with { Points = PathPoints.FromOne }, sign: null);
        Equal("graph_clean_corrupted", Eap with { At = GradientAt.Both }, sign: null);

        void Equal(string file, AttributionOptions options, ScoreSign? sign = ScoreSign.HelpsClean)
        {
            var scores = EdgeAttribution.Run(tiny.Model, tiny.Pair, options).Scores();
            var theirs = EapIgGraph.Load(EapIgFiles.Path(name, file));
            // The files of the other two don't say which sign they have.
            sign ??= Enum.GetValues<ScoreSign>().MinBy(sign => scores.Zip(theirs.ScoresFor(tiny.Model.Config, sign), (a, b) => Math.Abs(a - b)).Sum());
            var ours = EapIgGraph.Of(tiny.Model.Config, scores, sign: sign.Value).Edges;
            Assert.Equal(theirs.Edges.Select(edge => edge.Name), ours.Select(edge => edge.Name));
            Near.Equal([.. theirs.Edges.Select(edge => (float)edge.Score)], [.. ours.Select(edge => (float)edge.Score)], 1e-5f * (float)theirs.Edges.Max(edge => Math.Abs(edge.Score)), file);
        }
    }

    [Fact]
    public void With_any_parts_every_estimate_is_the_mean_of_slopes() => (
        from config in PartTests.Configs
        from seed in Gen.Int[0, 1000]
        from pair in PartTests.Pairs
        from method in Gen.Enum<EdgeMethod>()
        from at in Gen.Enum<GradientAt>()
        from points in Gen.Enum<PathPoints>()
        from positions in Gen.OneOf(Gen.Const((int[]?)null), Gen.Int[0, pair.Clean.Length - 1].Array[1, 2].Select(some => (int[]?)some))
        from chosen in Gen.Double.Unit.Array[4]
        from keeps in Gen.Bool
        select (config, seed, pair, (method, at, points, positions, keeps), chosen)).Sample((config, seed, pair, how, chosen) =>
    {
        using var random = RandomModel.Create(config, seed);
        using var model = random.Widened(ScalarType.Float64);
        var options = new AttributionOptions { Method = how.method, At = how.at, Points = how.points, Steps = 2, Positions = how.positions, Metric = Smooth, Memory = how.keeps ? null : 1 };
        EdgeResult result;
        try
        {
            result = EdgeAttribution.Run(model, pair, options);
        }
        catch (PatchKernelException e) when (e.Message.Contains("gap", StringComparison.Ordinal) || e.Message.Contains("differ", StringComparison.Ordinal))
        {
            return;
        }
        var (graph, scores) = (new EdgeGraph(config), result.Scores());
        var largest = scores.Max(Math.Abs);
        foreach (var edge in chosen.Select(share => (int)(share * graph.Edges.Count)))
            Assert.Equal(Slope(model, graph, pair, options, graph.Places[edge]), scores[edge], 1e-4 * largest + 1e-6);
    }, iter: 60, threads: 1);

    [Fact]
    public void Several_metrics_and_both_directions_come_from_one_run()
    {
        using var model = RandomModel.Create();
        var both = EdgeAttribution.Run(model, RandomModel.Pair, Ig with { Metrics = [Metric.LogitDiff, Metric.Kl], Direction = Direction.Noising });
        Near.Equal(EdgeAttribution.Run(model, RandomModel.Pair, Ig with { Metric = Metric.Kl }).Scores(), both.Scores(Metric.Kl), 1e-6f, "kl");
        Near.Equal([.. both.Raw(Metric.Kl).Select(value => both.CleanRun.Of(Metric.Kl) - value)], both.Scores(Metric.Kl), 1e-5f, "noising");
        Assert.Equal("embeddings' path, k/5 for k = 0 … 4", both.Conventions);
    }

    [Fact]
    public void A_whole_answer_is_estimated_too()
    {
        const double step = 1e-4;
        using var random = RandomModel.Create();
        using var model = random.Widened(ScalarType.Float64);
        var pair = RandomModel.Pair with { CleanTarget = new Target(7, null) { Ids = [7, 9, 4] } };
        var result = EdgeAttribution.Run(model, pair, new AttributionOptions { Metric = Metric.AnswerLogProb });
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        TappedRun Run(Prompt prompt) => new([.. prompt.Ids, 7, 9], PatchKernel.Activations.TapSequence.None) { Read = 3 };
        var differences = SenderOutputs.Of(model, Run(pair.Clean), default) - SenderOutputs.Of(model, Run(pair.Corrupt), default);
        var graph = new EdgeGraph(model.Config);
        foreach (var edge in (int[])[3, 40, 100, graph.Edges.Count - 1])
        {
            var (sender, receiver) = (differences[graph.Places[edge].Sender], graph.Places[edge].Receiver);
            var logits = new PathForward(model, graph, Run(pair.Corrupt)).Logits([new Dictionary<int, Tensor> { [receiver] = sender.Times(step) }, new Dictionary<int, Tensor> { [receiver] = sender.Times(-step) }], default);
            var sums = logits.log_softmax(-1).gather(2, tensor(new long[] { 7, 9, 4 }).view(1, 3, 1).expand(2, 3, 1)).flatten(1).sum([1]);
            Assert.Equal((sums[0] - sums[1]).item<double>() / (2 * step), result.Scores()[edge], 1e-4 * result.Scores().Max(Math.Abs));
        }
    }

    [Fact]
    public void Every_tensor_is_freed_also_where_it_is_stopped_or_refused()
    {
        using var model = RandomModel.Create();
        var before = TorchSharp.DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        foreach (var method in Enum.GetValues<EdgeMethod>())
            foreach (var memory in (long?[])[null, 1]) EdgeAttribution.Run(model, RandomModel.Pair, Ig with { Method = method, Memory = memory });
        Assert.Equal(
            "The metric rank has no gradient, so edges can't be estimated by one; take another, or patch them exactly.",
            Assert.Throws<PatchKernelException>(() => EdgeAttribution.Run(model, RandomModel.Pair, Eap with { Metrics = [Metric.LogitDiff, Metric.Rank] })).Message);
        Assert.Equal(
            "A path of 0 points can't be integrated over; give 1 to 10000.", Assert.Throws<PatchKernelException>(() => EdgeAttribution.Run(model, RandomModel.Pair, Ig with { Steps = 0 })).Message);
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => EdgeAttribution.Run(model, RandomModel.Pair, Ig, new Trip(cancel), cancel.Token));
        Assert.Equal(before, TorchSharp.DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    // The gap's metric needs no rank, and has a second derivative.
    private static readonly Metric Smooth = new("smooth", "log probability of the clean target less the corrupt one's", m => m.AtClean(m.LogProbabilities) - m.AtCorrupt(m.Logits) * 0.3);

    /// <summary>The mean, over the runs that the options name, of the metric's slope as one edge's difference is added, by differences of full forwards.</summary>
    private static double Slope(LanguageModel model, EdgeGraph graph, PromptPair pair, AttributionOptions options, EdgePlace edge)
    {
        const double step = 1e-4;
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var clean = Cached(model, pair.Clean);
        using var corrupt = Cached(model, pair.Corrupt);
        var difference = (SenderOutputs.OfCache(model, clean, default) - SenderOutputs.OfCache(model, corrupt, default))[edge.Sender];
        if (options.Positions is { } positions)
            difference = difference * tensor(Enumerable.Range(0, pair.Clean.Length).Select(pos => positions.Contains(pos) ? 1.0 : 0.0).ToArray()).unsqueeze(1);
        double[] alphas = options.Method == EdgeMethod.Eap ? options.At switch { GradientAt.Corrupt => [0], GradientAt.Clean => [1], _ => [0, 1] }
            : options.Method == EdgeMethod.EapIg && options.Points == PathPoints.FromZero ? [0, 0.5] : [0.5, 1];
        IEnumerable<(Activation Activation, int Layer)> places = [(Activation.Embed, 0)];
        if (options.Method == EdgeMethod.EapIgActivations)
            places = places.Concat(Enumerable.Range(0, model.Config.NLayers).SelectMany(layer => new[] { (Activation.AttnOut, layer), (Activation.MlpOut, layer) }));
        return places.SelectMany(place => alphas.Select(alpha => At(place, alpha))).Average();

        double At((Activation Activation, int Layer) place, double alpha)
        {
            var (from, to) = (corrupt[place.Activation, place.Layer], clean[place.Activation, place.Layer]);
            var put = from.Plus((to - from).Times(alpha));
            var forward = new PathForward(model, graph, new TappedRun(pair.Clean.Ids, new Put(place.Activation, place.Layer, put)));
            var logits = forward.Logits([new Dictionary<int, Tensor> { [edge.Receiver] = difference.Times(step) }, new Dictionary<int, Tensor> { [edge.Receiver] = difference.Times(-step) }], default);
            var numbers = logits[TensorIndex.Colon, 0].log_softmax(-1).select(1, pair.CleanTarget.Id) - logits[TensorIndex.Colon, 0].select(1, pair.CorruptTarget.Id).Times(0.3);
            return (numbers[0] - numbers[1]).item<double>() / (2 * step);
        }
    }

    private static ActivationCache Cached(LanguageModel model, Prompt prompt)
    {
        var cache = new ActivationCache(Activation.Embed, Activation.Z, Activation.AttnOut, Activation.MlpOut);
        _ = new ForwardPass(model).Streams([new TappedRun(prompt.Ids, cache)], default);
        return cache;
    }

    private sealed class Put(Activation wanted, int at, Tensor value) : ITap
    {
        public bool Wants(Activation activation, int layer) => activation == wanted && layer == at;

        public Tensor Visit(Activation activation, int layer, Tensor before) => Wants(activation, layer) ? value.alias() : before;
    }

    private sealed class Trip(CancellationTokenSource cancel) : IProgress<SweepProgress>
    {
        public void Report(SweepProgress value) => cancel.Cancel();
    }
}
