using CsCheck;
using PatchKernel.Circuits;
using PatchKernel.Models;
using PatchKernel.Sweeps;
using PatchKernel.Tests.Sweeps;
using static TorchSharp.torch;

namespace PatchKernel.Tests.Circuits;

/// <summary>Edges patched exactly, all in one pass through the layers or by a full forward each.</summary>
public sealed class PathPatchingTests
{
    public static TheoryData<string> Checkpoints => TinyCase.All;

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Every_edge_s_exact_effect_is_the_golden_one(string name)
    {
        using var tiny = new TinyCase(name);
        var golden = new GoldenEdges(name);
        var result = PathPatching.Run(tiny.Model, tiny.Pair, new PathOptions { KeepLogits = true });
        Assert.Equal(golden.Edges, result.Edges);
        Near.Equal(golden.Arrays.Floats("exact"), [.. result.Logits!.SelectMany(logits => logits)], 1e-4f, "wavefront");
        var some = result.Edges.Where((_, edge) => edge % 17 == 3).ToArray();
        var naive = PathPatching.Run(tiny.Model, tiny.Pair, new PathOptions { KeepLogits = true, Edges = some, Naive = true });
        Near.Equal([.. result.Logits!.Where((_, edge) => edge % 17 == 3).SelectMany(logits => logits)], [.. naive.Logits!.SelectMany(logits => logits)], 1e-4f, "naive");
    }

    [Theory]
    [MemberData(nameof(EapIgFiles.Checkpoints), MemberType = typeof(EapIgFiles))]
    public void Noising_gives_the_reference_implementation_s_exact_scores(string name)
    {
        using var tiny = new TinyCase(name);
        var expected = EapIgFiles.Scores(name, "graph_exact");
        var result = PathPatching.Run(tiny.Model, tiny.Pair, new PathOptions { Metric = Metric.LogitDiff, Direction = Direction.Noising });
        Assert.Equal(expected.Keys.Order(), result.Edges.Select(EapIgFiles.NameOf).Order());
        // Theirs is patched − clean; ours says what the edge is worth to the clean run.
        Near.Equal([.. result.Edges.Select(edge => -expected[EapIgFiles.NameOf(edge)])], result.Scores(), 1e-5f * expected.Values.Max(Math.Abs), name);
    }

    [Fact]
    public void With_any_parts_the_wavefront_equals_a_forward_an_edge()
    {
        var groups = new Groups();
        Cases.Sample((config, seed, pair, noising, positions) =>
        {
            using var random = RandomModel.Create(config, seed);
            using var model = random.Widened(ScalarType.Float64);
            var edges = new EdgeGraph(config).Edges.ToArray();
            new Random(seed).Shuffle(edges);
            // All of them, or a few in any order, which may all be late ones; at once, or in groups.
            var options = new PathOptions
            {
                KeepLogits = true,
                Direction = noising ? Direction.Noising : Direction.Denoising,
                Positions = positions,
                Edges = seed % 3 == 0 ? null : edges[..Math.Min(edges.Length, 1 + seed % 11)],
                Memory = seed % 2 == 0 ? null : Least(model, pair),
            };
            if (!Gapless.TryRun(() => PathPatching.Run(model, pair, options, groups), out var fast)) return;
            var naive = PathPatching.Run(model, pair, options with { Naive = true });
            foreach (var (edge, (expected, actual)) in naive.Edges.Zip(naive.Logits!.Zip(fast!.Logits!)))
            {
                var largest = Math.Max(1, expected.Max(Math.Abs));
                Near.Equal([.. expected.Select(logit => logit / largest)], [.. actual.Select(logit => logit / largest)], 1e-5f, $"{edge}"); // in float64
            }
        }, iter: 60, threads: 1);
        Assert.True(groups.Most > 1, $"{groups.Most} groups");

        // The least that isn't refused, to within a thousandth.
        static long Least(LanguageModel model, PromptPair pair)
        {
            var (little, enough) = (1.0, 1e9);
            while (enough > little * 1.001)
            {
                var middle = Math.Sqrt(little * enough);
                var refused = Record.Exception(() => PathPatching.Run(model, pair, new PathOptions { Memory = (long)middle, Edges = [new("embed", "logits")], KeepLogits = true }))?.Message.Contains("takes at least", StringComparison.Ordinal) == true;
                (little, enough) = refused ? (middle, enough) : (little, middle);
            }
            return (long)enough + new EdgeGraph(model.Config).Edges.Count * model.Config.DVocab * sizeof(float);
        }
    }

    [Fact]
    public void All_edges_together_are_the_other_run() => Cases.Sample((config, seed, pair, noising, _) =>
    {
        using var random = RandomModel.Create(config, seed);
        using var model = random.Widened(ScalarType.Float64);
        var options = new PathOptions { Metrics = [Metric.LogitDiff, Metric.Kl], Direction = noising ? Direction.Noising : Direction.Denoising };
        var edges = new EdgeGraph(config).Edges;
        var values = PathPatching.Together(model, pair, [edges, []], options);
        var runs = Baseline.Run(model, pair, options.Metrics);
        var (there, here) = noising ? (runs.Corrupt, runs.Clean) : (runs.Clean, runs.Corrupt);
        // Attention's biases before a norm belong to no sender, though what the norm makes of them depends on the run.
        if (config.Parts.NormBehind && config.Biases.HasFlag(PatchKernel.Matrices.Output)) return;
        foreach (var metric in options.Metrics)
        {
            Assert.Equal(there.Of(metric), values[metric.Name][0], 1e-4f * Math.Max(1, Math.Abs(there.Of(metric))));
            Assert.Equal(here.Of(metric), values[metric.Name][1], 1e-4f * Math.Max(1, Math.Abs(here.Of(metric))));
        }
    }, iter: 30, threads: 1);

    [Fact]
    public void An_edge_whose_sender_is_the_same_in_both_runs_does_nothing()
    {
        // Layer 0's first head has no output, and its values' later positions don't reach the first one.
        using var model = RandomModel.Create(change: (key, values) => key == "model.layers.0.self_attn.o_proj.weight" ? [.. values.Select((value, at) => at % 24 < 6 ? 0 : value)] : values);
        var result = PathPatching.Run(model, RandomModel.Pair, new PathOptions { Metrics = [Metric.LogitDiff, Metric.Kl] });
        foreach (var (edge, score) in result.Edges.Zip(result.Scores()))
            if (edge.Sender == "L0.head.0") Assert.Equal(0, score, 1e-6f);
        Assert.Contains(result.Scores(), score => Math.Abs(score) > 0.01f);
        var before = PathPatching.Run(model, RandomModel.Pair, new PathOptions { Positions = [0, 1] }); // the prompts differ from position 2 on
        Assert.All(before.Scores(), score => Assert.Equal(0, score));
    }

    [Theory, InlineData(Direction.Denoising), InlineData(Direction.Noising)]
    public void Edges_to_one_receiver_are_what_they_are_among_all(Direction direction)
    {
        using var model = RandomModel.Create();
        var options = new PathOptions { Direction = direction, Metrics = [Metric.LogitDiff] };
        var all = PathPatching.Run(model, RandomModel.Pair, options);
        foreach (var receiver in all.Edges.Select(edge => edge.Receiver).Distinct())
        {
            int[] chosen = [.. Enumerable.Range(0, all.Edges.Count).Where(edge => all.Edges[edge].Receiver == receiver)];
            var some = PathPatching.Run(model, RandomModel.Pair, options with { Edges = [.. chosen.Select(edge => all.Edges[edge])] });
            Near.Equal([.. chosen.Select(edge => all.Scores()[edge])], some.Scores(), 1e-5f, receiver);
        }
    }

    [Fact]
    public void Groups_of_edges_give_what_one_pass_gives()
    {
        using var model = RandomModel.Create();
        int[] clean = [.. Enumerable.Range(0, 60).Select(pos => pos * 7 % 50)], corrupt = [.. clean.Select((id, pos) => pos is 4 or 31 ? 49 - id : id)];
        var pair = PromptPair.FromIds(clean, corrupt, 7, 11);
        var whole = PathPatching.Run(model, pair);
        var groups = new Groups();
        var parts = PathPatching.Run(model, pair, new PathOptions { Memory = 3_900_000 }, groups);
        Assert.True(groups.Most > 2, $"{groups.Most} groups");
        Near.Equal(whole.Scores(), parts.Scores(), 1e-5f, "groups");
    }

    [Theory, InlineData(false), InlineData(true)]
    public void A_whole_answer_is_measured_too(bool naive)
    {
        using var model = RandomModel.Create();
        var pair = RandomModel.Pair with { CleanTarget = new Target(7, null) { Ids = [7, 9, 4] } };
        var options = new PathOptions { Metrics = [Metric.LogitDiff, Metric.AnswerLogProb], Naive = naive };
        var result = PathPatching.Run(model, pair, options);
        var together = PathPatching.Together(model, pair, [new EdgeGraph(model.Config).Edges], options);
        Assert.Equal(result.CleanRun.Of(Metric.AnswerLogProb), together[Metric.AnswerLogProb.Name][0], 1e-4f);
        var other = PathPatching.Run(model, pair, options with { Naive = !naive });
        Near.Equal(result.Scores(Metric.AnswerLogProb), other.Scores(Metric.AnswerLogProb), 1e-5f, "answer");
        Assert.Contains(result.Scores(Metric.AnswerLogProb), score => Math.Abs(score) > 0.01f);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Every_tensor_is_freed_also_where_it_is_stopped(bool naive)
    {
        using var model = RandomModel.Create();
        var before = TorchSharp.DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        PathPatching.Run(model, RandomModel.Pair, new PathOptions { Naive = naive, Metrics = Metric.All });
        PathPatching.Together(model, RandomModel.Pair, [[new("embed", "L1.mlp"), new("L0.head.1", "L1.mlp")]]);
        using var cancel = new CancellationTokenSource();
        var trip = new Groups { Reported = cancel.Cancel };
        Assert.Throws<OperationCanceledException>(() => PathPatching.Run(model, RandomModel.Pair, new PathOptions { Naive = naive }, trip, cancel.Token));
        Assert.Equal(1, trip.Reports);
        Assert.Equal(before, TorchSharp.DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [Theory, InlineData(null), InlineData(false), InlineData(true)]
    public void All_that_a_layer_computes_with_is_on_its_device(bool? parallel)
    {
        var config = parallel is { } order ? RandomModel.ManyParts(order) : RandomModel.Config;
        var meta = new Device(TorchSharp.DeviceType.META);
        using var model = RandomModel.Create(config, parts => [.. parts.All.Select((part, index) => new PlacedPart(part.Module, part.Bytes, WeightHome.Device, index <= 1 ? CPU : meta))]);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var graph = new EdgeGraph(config);
        Lane[] lanes = [new(RandomModel.Pair.Corrupt.Ids), new(RandomModel.Pair.Clean.Ids)];
        var plan = new EdgePlan(model, graph, graph.Places, lanes, [2, 4]);
        using var differences = new SenderDifferences(model, graph, plan.First, plan.Length, [2, 4]);
        var rows = 0;
        new Wavefront(model, lanes, [], new EdgeJoins(plan, differences)).Run(
            plan.Groups(model, new SweepMemory(config, [6, 6], [plan.Task.Site]), new MemoryRoom(1 << 30, IsGiven: true)),
            leaving => leaving.ForEach(group => (rows, _) = (rows + group.Cells.Length, group.Resid.device_type == TorchSharp.DeviceType.META ? 0 : throw new InvalidOperationException())), _ => { }, default);
        Assert.Equal(graph.Edges.Count, rows);
    }

    [Fact]
    public void What_cannot_be_patched_is_refused_in_one_sentence()
    {
        using var model = RandomModel.Create();
        Refused("There is no edge to patch; name some, or leave Edges out for all of them.", new PathOptions { Edges = [] });
        Refused("There is no position 6 in a prompt of 6 tokens; positions run from 0 to 5.", new PathOptions { Positions = [1, 6] });
        Refused("There is no position to patch at; name some, or leave Positions out for all of them.", new PathOptions { Positions = [] });
        Refused("Path patching can't run in 0 bytes of memory; give a number above 0.", new PathOptions { Memory = 0 });
        Refused("There is no metric; name at least one.", new PathOptions { Metrics = [] });
        Refused("There is no position -1 in a prompt of 6 tokens; positions run from 0 to 5.", new PathOptions { Positions = [-1] });
        Refused("The edge embed → L1.mlp is there twice; name each edge once.", new PathOptions { Edges = [new("embed", "L1.mlp"), new("embed", "logits"), new("embed", "L1.mlp")] });
        Refused(
            "There is no receiver 'L3.q.0'; there are queries, keys and values of heads such as L0.q.0, L0.k.0 and L0.v.0, MLPs such as L0.mlp, and logits.",
            new PathOptions { Edges = [new("embed", "L3.q.0")] });

        Assert.Equal("There is no set of edges to patch; give at least one.", Assert.Throws<PatchKernelException>(() => PathPatching.Together(model, RandomModel.Pair, [])).Message);

        void Refused(string message, PathOptions options) =>
            Assert.Equal(message, Assert.Throws<PatchKernelException>(() => PathPatching.Run(model, RandomModel.Pair, options)).Message);
    }

    private sealed class Groups : IProgress<SweepProgress>
    {
        public int Most { get; private set; }

        public int Reports { get; private set; }

        public Action? Reported { get; init; }

        public void Report(SweepProgress value)
        {
            (Most, Reports) = (Math.Max(Most, value.Groups), Reports + 1);
            Reported?.Invoke();
        }
    }

    private static readonly Gen<(ModelConfig Config, int Seed, PromptPair Pair, bool Noising, int[]? Positions)> Cases =
        from config in PartTests.Configs
        from seed in Gen.Int[0, 1000]
        from pair in PartTests.Pairs
        from noising in Gen.Bool
        from all in Gen.Bool
        from positions in Gen.Int[0, pair.Clean.Length - 1].Array[1, 3]
        select (config, seed, pair, noising, all ? null : positions);
}
