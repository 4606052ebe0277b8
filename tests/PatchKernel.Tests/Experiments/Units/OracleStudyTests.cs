using System.Text.Json;

namespace PatchKernel.Tests.Experiments.Units;

/// <summary>A whole study of a real model, beside the same by Hugging Face transformers.</summary>
[Collection(nameof(Alone))]
public sealed class OracleStudyTests : IDisposable
{
    private const float Tolerance = 2e-4f; // float32, sums in another order; logits of up to 30

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_logit_of_144_pairs_is_that_of_transformers()
    {
        var (model, oracle) = (TestData.SmolLM2(), TestData.Golden("oracle", "study"));
        using var golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(oracle, "golden.json")));
        var study = new Study { Models = [model], Data = Path.Combine(oracle, "pairs.jsonl"), Roles = TokenRole.ParseAll("subject.last,last"), Controls = [], Device = "cpu" };
        Assert.True(Experiment.Run(study, folder.Path, new() { Threads = Environment.ProcessorCount }).IsComplete);
        TorchSharp.torch.set_num_threads(1);

        var pairs = MiniStudy.PairRows(folder.Path);
        var rows = MiniStudy.Results(folder.Path).ToDictionary(row => (row.Pair, row.Role!, row.Layer, row.Metric));
        Assert.Equal((144, 144 * 2 * 30 * 2), (pairs.Count, rows.Count));
        foreach (var (expected, pair) in golden.RootElement.GetProperty("pairs").EnumerateArray().Zip(pairs)) Compare(expected, pair, rows);
        foreach (var relation in golden.RootElement.GetProperty("summary").EnumerateObject()) CompareMeans(relation, pairs, rows);
    }

    private static void Compare(JsonElement expected, PairRow pair, Dictionary<(string, string, int, string), ResultRow> rows)
    {
        Assert.Equal((expected.GetProperty("id").GetString(), null, true), (pair.Pair, pair.LeftOut, pair.Answered));
        Assert.Equal([pair.CleanTokens, pair.CorruptTokens], expected.GetProperty("tokens").Deserialize<int[]>()!);
        float[] clean = [pair.Values["clean_target"].Clean, pair.Values["corrupt_target"].Clean], corrupt = [pair.Values["clean_target"].Corrupt, pair.Values["corrupt_target"].Corrupt];
        Near.Equal(expected.GetProperty("clean_logits").Deserialize<float[]>()!, clean, Tolerance, $"{pair.Pair}, clean run");
        Near.Equal(expected.GetProperty("corrupt_logits").Deserialize<float[]>()!, corrupt, Tolerance, $"{pair.Pair}, corrupt run");
        foreach (var role in new[] { "subject.last", "last" })
            foreach (var (layer, logits) in expected.GetProperty(role).EnumerateArray().Index())
            {
                var target = rows[(pair.Pair, role, layer, "target_logit")].Value;
                var other = target - rows[(pair.Pair, role, layer, "logit_diff")].Value;
                Near.Equal(logits.Deserialize<float[]>()!, [target, other], Tolerance, $"{pair.Pair}, {role}, layer {layer}");
            }
    }

    private static void CompareMeans(JsonProperty summary, IReadOnlyList<PairRow> pairs, Dictionary<(string, string, int, string), ResultRow> rows)
    {
        var (relation, role) = summary.Name.Split(' ') is [var first, var second] ? (first, second) : throw new InvalidDataException(summary.Name);
        string[] names = [.. pairs.Where(pair => pair.Columns["relation"] == relation).Select(pair => pair.Pair)];
        Assert.Equal(summary.Value.GetProperty("pairs").GetInt32(), names.Length);
        for (var layer = 0; layer < 30; layer++)
        {
            double[] scores = [.. names.Select(name => (double)rows[(name, role, layer, "logit_diff")].Score!.Value)];
            var mean = scores.Average();
            Assert.Equal(summary.Value.GetProperty("mean")[layer].GetDouble(), mean, 1e-3);
            Assert.Equal(summary.Value.GetProperty("standard_error")[layer].GetDouble(), Math.Sqrt(scores.Sum(score => Math.Pow(score - mean, 2)) / (names.Length - 1) / names.Length), 1e-3);
        }
    }
}
