using System.Text.Json;
using CsCheck;
using PatchKernel.Circuits;
using PatchKernel.Models;
using PatchKernel.Tests.Sweeps;
using static TorchSharp.torch;

namespace PatchKernel.Tests.Circuits;

/// <summary>The clean run with only a circuit's edges live.</summary>
public sealed class CircuitRunTests
{
    public static TheoryData<string> Checkpoints => TinyCase.All;

    /// <summary>
    /// How many of the golden circuits with zero ablation are further than 1e-4 from the exact numbers. The golden ones are float32: what a receiver reads is the whole stream
    /// less all dead senders, of which rounding leaves some 1e-7 where nothing is live, and norms, one behind the other, make up to 1 of that.
    /// </summary>
    private static readonly Dictionary<string, int> Rounded = new() { ["gemma2"] = 2, ["gemma3"] = 6, ["olmo2"] = 1, ["mistral-window"] = 2, ["qwen2"] = 1, ["qwen2-yarn"] = 1, ["qwen3"] = 3 };

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Fourteen_circuits_have_the_golden_logits(string name)
    {
        using var tiny = new TinyCase(name);
        var golden = new GoldenEdges(name).Circuits;
        var graph = new EdgeGraph(tiny.Model.Config);
        Circuit[] circuits = [.. golden.Bytes("masks").Chunk(graph.Edges.Count).Select(mask => new Circuit(graph, graph.Edges.Where((_, edge) => mask[edge] == 1)))];
        Assert.Equal(14, circuits.Length);
        var patched = CircuitRun.Run(tiny.Model, tiny.Pair, circuits, new CircuitOptions { KeepLogits = true });
        Near.Equal(golden.Floats("corrupt"), [.. patched.Logits!.SelectMany(logits => logits)], 1e-4f, "corrupt");

        using var wide = tiny.Model.Widened(ScalarType.Float64);
        var zeroed = CircuitRun.Run(tiny.Model, tiny.Pair, circuits, new CircuitOptions { Source = PatchSource.Zero, KeepLogits = true });
        var rounded = 0;
        foreach (var (at, expected) in golden.Floats("zero").Chunk(tiny.Model.Config.DVocab).Index())
        {
            var exact = PlainCircuits.Logits(wide, circuits[at], tiny.Pair.Clean, null);
            Near.Equal(exact, zeroed.Logits![at], 1e-5f, $"zero, circuit {at}"); // logits of about 3, in float32
            var off = Distance(expected, exact);
            if (off <= 1e-4f) continue;
            rounded++;
            var rounding = Distance(PlainCircuits.Logits(tiny.Model, circuits[at], tiny.Pair.Clean, null, fromWhole: true), exact);
            Assert.True(off < 4 * rounding, $"zero, circuit {at} is off by {off}, and rounding gives {rounding}");
        }
        Assert.Equal(Rounded.GetValueOrDefault(name), rounded);

        static float Distance(float[] one, float[] other) => one.Zip(other, (a, b) => Math.Abs(a - b)).Max();
    }

    [Fact]
    public void With_any_parts_a_circuit_is_what_one_receiver_after_the_other_gives() => (
        from config in PartTests.Configs
        from seed in Gen.Int[0, 1000]
        from pair in PartTests.Pairs
        from share in Gen.Double.Unit
        from source in Gen.Int[0, 2]
        select (config, seed, pair, share, source)).Sample((config, seed, pair, share, source) =>
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var random = RandomModel.Create(config, seed);
        using var model = random.Widened(ScalarType.Float64);
        var (graph, draw) = (new EdgeGraph(config), new Random(seed));
        var circuit = new Circuit(graph, graph.Edges.Where(_ => draw.NextDouble() < share));
        Prompt[] prompts = [pair.Corrupt, pair.Clean, Prompt.FromIds([.. pair.Clean.Ids.Reverse()])];
        var outputs = prompts.Select(prompt => SenderOutputs.Of(model, new TappedRun(prompt.Ids, PatchKernel.Activations.TapSequence.None), default)).ToArray();
        var (others, ablated) = source switch
        {
            0 => (PatchSource.Other, outputs[0]),
            1 => (PatchSource.Zero, null),
            _ => ((PatchSource)new PatchSource.Mean(prompts), outputs[0].Plus(outputs[1]).Plus(outputs[2]).Over(3)),
        };
        var expected = PlainCircuits.Logits(model, circuit, pair.Clean, ablated);
        var actual = CircuitRun.Run(model, pair, [circuit, Circuit.Whole(graph)], new CircuitOptions { Source = others, KeepLogits = true }).Logits!;
        var whole = model.NextTokenLogits(pair.Clean.Ids);
        foreach (var (logits, found, what) in new[] { (expected, actual[0], $"{circuit}, {others.Name}"), (whole, actual[1], $"whole, {others.Name}") })
        {
            var largest = Math.Max(1, logits.Max(Math.Abs));
            Near.Equal([.. logits.Select(logit => logit / largest)], [.. found.Select(logit => logit / largest)], 1e-5f, what); // in float64
        }
    }, iter: 60, threads: 1);

    [Theory]
    [MemberData(nameof(EapIgFiles.Checkpoints), MemberType = typeof(EapIgFiles))]
    public void EAP_IG_s_circuits_measure_what_its_own_code_measured(string name)
    {
        using var tiny = new TinyCase(name);
        var (circuits, facts) = Theirs(name, tiny);
        float[] Ours(PatchSource source) => CircuitRun.Run(tiny.Model, tiny.Pair, circuits, new CircuitOptions { Metric = Metric.LogitDiff, Source = source }).Raw(Metric.LogitDiff);
        Near.Equal(Measured(facts, "patching"), Ours(PatchSource.Other), 1e-5f, name);
        Near.Equal(Measured(facts, "mean-positional"), Ours(new PatchSource.Mean([tiny.Pair.Clean, tiny.Pair.Corrupt])), 2e-5f, $"{name}, mean"); // two float32 means
        var empty = EapIgFiles.Read(name, "circuits").GetProperty("empty_circuit").GetProperty("patching").GetSingle();
        Assert.Equal(empty, CircuitRun.Run(tiny.Model, tiny.Pair, circuits).Empty[Metric.LogitDiff.Name], 1e-5f);
    }

    [Theory]
    [MemberData(nameof(EapIgFiles.Checkpoints), MemberType = typeof(EapIgFiles))]
    public void With_zero_only_learned_positions_differ_from_EAP_IG_s(string name)
    {
        // Theirs leave a learned position's embedding where it is; here it is part of what the embedding sends. Small activations' norms make more of rounding, so 1e-4.
        using var tiny = new TinyCase(name);
        var (circuits, facts) = Theirs(name, tiny);
        var expected = Measured(facts, "zero");
        var kept = circuits.Select(circuit => PlainCircuits.Logits(tiny.Model, circuit, tiny.Pair.Clean, null, keepPositions: true));
        Near.Equal(expected, [.. kept.Select(logits => logits[tiny.Pair.CleanTarget.Id] - logits[tiny.Pair.CorruptTarget.Id])], 1e-4f, name);
        var ours = CircuitRun.Run(tiny.Model, tiny.Pair, circuits, new CircuitOptions { Metric = Metric.LogitDiff, Source = PatchSource.Zero }).Raw(Metric.LogitDiff);
        Assert.Equal(tiny.Model.Weights.Positions is null, expected.Zip(ours).All(two => Math.Abs(two.First - two.Second) < 1e-4f));
    }

    private static (Circuit[] Circuits, JsonElement[] Facts) Theirs(string name, TinyCase tiny)
    {
        var graph = new EdgeGraph(tiny.Model.Config);
        var named = graph.Edges.ToDictionary(EapIgFiles.NameOf);
        var facts = EapIgFiles.Read(name, "circuits").GetProperty("circuits").EnumerateArray().ToArray();
        return ([.. facts.Select(fact => new Circuit(graph, fact.GetProperty("edges").EnumerateArray().Select(edge => named[edge.GetString()!])))], facts);
    }

    private static float[] Measured(JsonElement[] facts, string source) => [.. facts.Select(fact => fact.GetProperty("metric_value").GetProperty(source).GetSingle())];

    [Fact]
    public void With_any_parts_all_edges_are_the_clean_run_none_the_corrupt_one_and_all_but_one_an_edge_s_noising() => (
        from config in PartTests.Configs
        from seed in Gen.Int[0, 1000]
        from pair in PartTests.Pairs
        from edge in Gen.Double.Unit
        select (config, seed, pair, edge)).Sample((config, seed, pair, edge) =>
    {
        using var random = RandomModel.Create(config, seed);
        using var model = random.Widened(ScalarType.Float64);
        var graph = new EdgeGraph(config);
        var lacking = graph.Edges[(int)(edge * graph.Edges.Count)];
        var whole = Circuit.Whole(graph);
        var result = CircuitRun.Run(model, pair, [whole, whole.Complement(), new Circuit(graph, graph.Edges.Except([lacking]))], new CircuitOptions { KeepLogits = true });
        var noised = NoisedLogits(model, pair, graph, graph.IndexOf(lacking));
        float[][] expected = [model.NextTokenLogits(pair.Clean.Ids), model.NextTokenLogits(pair.Corrupt.Ids), noised];
        foreach (var (at, logits) in expected.Index())
        {
            var largest = Math.Max(1, logits.Max(Math.Abs));
            Near.Equal([.. logits.Select(logit => logit / largest)], [.. result.Logits![at].Select(logit => logit / largest)], 1e-5f, $"circuit {at}, {lacking}"); // in float64
        }
    }, iter: 60, threads: 1);

    [Fact]
    public void A_mean_over_one_prompt_is_that_prompt_s_run_and_over_positions_it_has_no_position()
    {
        using var model = RandomModel.Create();
        var graph = new EdgeGraph(model.Config);
        Circuit[] circuits = [new(graph, graph.Edges.Where((_, edge) => edge % 3 > 0)), new(graph)];
        float[] Of(PatchSource source) => CircuitRun.Run(model, RandomModel.Pair, circuits, new CircuitOptions { Source = source }).Raw(Metric.LogitDiff);
        var corrupt = Of(PatchSource.Other);
        Near.Equal(corrupt, Of(new PatchSource.Mean([RandomModel.Pair.Corrupt])), 1e-5f, "mean");
        Near.Equal(corrupt, Of(new PatchSource.Resampled(RandomModel.Pair.Corrupt)), 1e-6f, "resampled");
        Near.Equal(Of(new PatchSource.Mean([RandomModel.Pair.Corrupt, RandomModel.Pair.Corrupt])), corrupt, 1e-5f, "twice");
        var anywhere = Of(new PatchSource.Mean([RandomModel.Pair.Corrupt, RandomModel.Pair.Clean], EachPosition: false));
        Assert.True(Math.Abs(anywhere[0] - corrupt[0]) > 1e-3f);
        Assert.NotEqual(Of(PatchSource.Zero)[1], corrupt[1]);
    }

    [Fact]
    public void Few_circuits_at_once_give_what_many_do_and_an_answer_is_measured_whole()
    {
        using var model = RandomModel.Create();
        var pair = RandomModel.Pair with { CleanTarget = new Target(7, null) { Ids = [7, 9, 4] } };
        var graph = new EdgeGraph(model.Config);
        Circuit[] circuits = [.. Enumerable.Range(0, 7).Select(which => new Circuit(graph, graph.Edges.Where((_, edge) => (edge + which) % 7 > 2))), Circuit.Whole(graph), new(graph)];
        var options = new CircuitOptions { Metrics = [Metric.LogitDiff, Metric.AnswerLogProb] };
        var many = CircuitRun.Run(model, pair, circuits, options);
        var few = CircuitRun.Run(model, pair, circuits, options with { Memory = 3 * CircuitForward.Bytes(graph, model.Config, 8) });
        foreach (var metric in options.Metrics) Near.Equal(many.Raw(metric), few.Raw(metric), 1e-5f, metric.Name);
        Assert.Equal(many.CleanRun.Of(Metric.AnswerLogProb), many.Raw(Metric.AnswerLogProb)[^2], 1e-5f);
        Assert.Equal(many.CorruptRun.Of(Metric.AnswerLogProb), many.Raw(Metric.AnswerLogProb)[^1], 1e-4f);
        Assert.Equal([1, 0], many.Faithfulness(Metric.AnswerLogProb)[^2..].Select(share => Math.Round(share, 4)));
    }

    [Fact]
    public void Every_tensor_is_freed_also_where_it_is_stopped()
    {
        using var model = RandomModel.Create();
        var graph = new EdgeGraph(model.Config);
        var before = TorchSharp.DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        foreach (var source in (PatchSource[])[PatchSource.Other, PatchSource.Zero, new PatchSource.Mean([RandomModel.Pair.Clean])])
            CircuitRun.Run(model, RandomModel.Pair, [Circuit.Whole(graph)], new CircuitOptions { Source = source, Metrics = Metric.All });
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => CircuitRun.Run(model, RandomModel.Pair, [Circuit.Whole(graph)], null, new Trip(cancel), cancel.Token));
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
        var ablated = zeros(graph.Senders.Count, 1, config.DModel);
        var logits = new CircuitForward(model, graph, [new(RandomModel.Pair.Clean.Ids, PatchKernel.Activations.TapSequence.None)], ablated.unsqueeze(0)).Logits([Circuit.Whole(graph), new(graph)], default);
        Assert.Equal(TorchSharp.DeviceType.META, logits.device_type);
        Assert.Equal([2, 1, config.DVocab], logits.shape);
    }

    [Fact]
    public void What_cannot_be_run_is_refused_in_one_sentence()
    {
        using var model = RandomModel.Create();
        var graph = new EdgeGraph(model.Config);
        Refused("There is no circuit to run; give at least one.", []);
        Refused("The mean needs at least one prompt to be taken over.", [new(graph)], new() { Source = new PatchSource.Mean([]) });
        Refused(
            "A mean at each position needs prompts of 6 tokens, as long as the pair's, and one has 2; leave it out, or take the mean over positions too.", [new(graph)],
            new() { Source = new PatchSource.Mean([Prompt.FromIds([1, 2])]) });
        Refused("The resampled prompt has 2 tokens, and the pair's have 6; give one of that length.", [new(graph)], new() { Source = new PatchSource.Resampled(Prompt.FromIds([1, 2])) });
        Refused("A circuit's other edges can't carry noise; take the corrupt run, zero or a mean.", [new(graph)], new() { Source = new PatchSource.Noise() });
        Refused("A circuit can't run in 0 bytes of memory; give a number above 0.", [new(graph)], new() { Memory = 0 });
        var other = new EdgeGraph(RandomModel.ManyParts(parallel: true));
        Refused($"The circuit of 0 of {other.Edges.Count} edges is another model's: random has {graph}; make it of this model's graph.", [new(other)]);

        void Refused(string message, Circuit[] circuits, CircuitOptions? options = null) =>
            Assert.Equal(message, Assert.Throws<PatchKernelException>(() => CircuitRun.Run(model, RandomModel.Pair, circuits, options)).Message);
    }

    /// <summary>One edge of the clean run corrupted, by a forward of its own; no gap between the runs is needed.</summary>
    private static float[] NoisedLogits(LanguageModel model, PromptPair pair, EdgeGraph graph, int edge)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var paths = new NaivePaths(model, graph, pair, new PathOptions { Direction = Direction.Noising }, default);
        float[] found = [];
        paths.Run([[edge]], (_, logits) => found = logits.ToFloats());
        return found;
    }

    private sealed class Trip(CancellationTokenSource cancel) : IProgress<SweepProgress>
    {
        public void Report(SweepProgress value) => cancel.Cancel();
    }
}
