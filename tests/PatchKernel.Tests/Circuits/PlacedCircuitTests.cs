using PatchKernel.Gguf;
using PatchKernel.Models;

namespace PatchKernel.Tests.Circuits;

/// <summary>Edges and circuits of a model whose weights are read layer by layer, narrower than float32, or quantised; and in little memory.</summary>
public sealed class PlacedCircuitTests : IDisposable
{
    private static readonly string Folder = TestData.InRepository("tests", "PatchKernel.Tests", "Data", "tiny", "sharded-bf16");

    private readonly PromptPair pair = PromptPair.FromIds([3, 4, 5, 6, 7], [3, 4, 9, 6, 7], 5, 90);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory, InlineData("float32"), InlineData("bfloat16"), InlineData("float16")]
    public void Streamed_and_resident_weights_give_the_same(string dtype)
    {
        using var resident = LanguageModel.Load(Folder, dtype, "cpu", Residency.All);
        using var streamed = LanguageModel.Load(Folder, dtype, "cpu", Residency.Streamed);
        foreach (var (name, expected) in Numbers(resident, pair)) Near.Equal(expected, Numbers(streamed, pair)[name], 1e-6f, name);
    }

    [Fact]
    public void A_gradient_reads_each_layer_forth_and_back_and_the_last_one_once()
    {
        // Both prompts' runs read each layer once together, and so do all of a path's points forth and back.
        foreach (var steps in (int[])[1, 3])
            foreach (var (key, (stored, read, isLast)) in BytesRead(steps)) Assert.Equal((key, (isLast ? 2 : 3) * stored), (key, read));

        Dictionary<string, (long Stored, long Read, bool IsLast)> BytesRead(int steps)
        {
            using var checkpoint = Checkpoint.Open(Folder);
            using var model = LanguageModel.Load(checkpoint, device: "cpu", residency: Residency.Streamed);
            EdgeAttribution.Run(model, pair, new AttributionOptions { Method = EdgeMethod.EapIg, Steps = steps, Metric = Metric.LogitDiff });
            var weights = Enumerable.Range(0, model.Config.NLayers).SelectMany(layer => WeightLayout.Layer(model.Config, layer).Select(weight => (layer, weight)));
            return weights.ToDictionary(
                entry => entry.weight.Key, entry => (checkpoint.StoredBytes(entry.weight), checkpoint.BytesRead(entry.weight), entry.layer == model.Config.NLayers - 1));
        }
    }

    [Theory, InlineData("bfloat16", 0.05f), InlineData("float16", 0.01f)]
    public void Narrow_weights_are_near_float32(string dtype, float tolerance)
    {
        using var wide = LanguageModel.Load(Folder, "float32", "cpu");
        using var narrow = LanguageModel.Load(Folder, dtype, "cpu");
        var found = Numbers(narrow, pair);
        foreach (var (name, expected) in Numbers(wide, pair)) Near.Equal(expected, found[name], tolerance * Math.Max(1, expected.Max(Math.Abs)), name);
    }

    [Theory, InlineData(Residency.All), InlineData(Residency.Streamed)]
    public void Quantised_weights_give_what_their_values_in_float32_give(Residency residency)
    {
        var (quantised, plain) = (FamilyGguf.Of("llama"), FamilyGguf.Of("llama"));
        foreach (var (name, axes, _, _, _) in quantised.Tensors.Where(tensor => tensor.Axes.Length > 1).ToArray())
        {
            var (blocks, values) = Blocks((int)(axes[0] * axes[1]), name.Length);
            quantised.Change(name, tensor => (name, axes, TypeOf("Q8_0"), blocks, null));
            plain.Change(name, tensor => (name, axes, TypeOf("F32"), [.. values.SelectMany(BitConverter.GetBytes)], null));
        }
        File.WriteAllBytes(folder.File("q.gguf"), quantised.Build());
        File.WriteAllBytes(folder.File("f.gguf"), plain.Build());
        using var model = LanguageModel.Load(folder.File("q.gguf"), device: "cpu", residency: residency);
        using var wide = LanguageModel.Load(folder.File("f.gguf"), device: "cpu");
        var found = Numbers(model, pair with { CorruptTarget = new Target(9, null) });
        foreach (var (name, expected) in Numbers(wide, pair with { CorruptTarget = new Target(9, null) }))
        {
            Assert.Contains(expected, value => Math.Abs(value) > 1e-3f);
            Near.Equal(expected, found[name], 1e-6f * Math.Max(1, expected.Max(Math.Abs)), name);
        }
    }

    [Fact]
    public void Little_memory_gives_what_plenty_does()
    {
        using var model = LanguageModel.Load(Folder, device: "cpu");
        foreach (var method in Enum.GetValues<EdgeMethod>())
        {
            var options = new AttributionOptions { Method = method, Steps = 2, Metrics = [Metric.LogitDiff, Metric.Kl] };
            var (plenty, little) = (EdgeAttribution.Run(model, pair, options), EdgeAttribution.Run(model, pair, options with { Memory = 1 }));
            // With little, runs go one by one, and matrices of other sizes round differently.
            foreach (var metric in options.Metrics) Near.Equal(plenty.Scores(metric), little.Scores(metric), 1e-5f * plenty.Scores(metric).Max(Math.Abs), $"{method}, {metric.Name}");
        }
    }

    private static uint TypeOf(string name) => Enumerable.Range(0, 64).Select(id => (uint)id).Single(id => GgufType.Of(id)?.Name == name);

    /// <summary>Weights in blocks of 32 small whole numbers with a scale, and what they stand for.</summary>
    private static (byte[] Blocks, float[] Values) Blocks(int count, int seed)
    {
        var random = new Random(seed);
        var (blocks, values) = (new List<byte>(), new List<float>());
        for (var block = 0; block < count / 32; block++)
        {
            var scale = (Half)(0.002 + 0.002 * random.NextDouble());
            blocks.AddRange(BitConverter.GetBytes(scale));
            for (var at = 0; at < 32; at++)
            {
                var whole = (sbyte)random.Next(-127, 128);
                blocks.Add((byte)whole);
                values.Add((float)scale * whole);
            }
        }
        return ([.. blocks], [.. values]);
    }

    private static Dictionary<string, float[]> Numbers(LanguageModel model, PromptPair pair)
    {
        var graph = new EdgeGraph(model.Config);
        Circuit[] circuits = [new(graph, graph.Edges.Where((_, edge) => edge % 3 > 0)), Circuit.Whole(graph)];
        var some = graph.Edges.Where((_, edge) => edge % 23 == 1).ToArray();
        var estimate = new AttributionOptions { Steps = 2, Metric = Metric.LogitDiff };
        return new()
        {
            ["exact"] = PathPatching.Run(model, pair).Scores(Metric.LogitDiff),
            ["naive"] = PathPatching.Run(model, pair, new PathOptions { Naive = true, Edges = some }).Scores(Metric.LogitDiff),
            ["together"] = PathPatching.Together(model, pair, [some, graph.Edges])["logit_diff"],
            ["eap"] = EdgeAttribution.Run(model, pair, estimate).Scores(),
            ["eap-ig"] = EdgeAttribution.Run(model, pair, estimate with { Method = EdgeMethod.EapIg }).Scores(),
            ["eap-ig-activations"] = EdgeAttribution.Run(model, pair, estimate with { Method = EdgeMethod.EapIgActivations }).Scores(),
            ["circuits"] = CircuitRun.Run(model, pair, circuits).Raw(Metric.LogitDiff),
            ["test"] = [CircuitTest.Run(model, [pair], circuits[0], new() { RandomCircuits = 2, Minimality = 2 }) is var test ? test.Faithfulness : 0, .. test.RandomCircuits],
        };
    }
}
