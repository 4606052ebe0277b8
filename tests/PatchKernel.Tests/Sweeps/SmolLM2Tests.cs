using System.Text.Json;

namespace PatchKernel.Tests.Sweeps;

/// <summary>A real model, SmolLM2-135M-Instruct: sweeps by nnsight (resid_post) and by transformers with hooks, in float32.</summary>
public sealed class SmolLM2Tests(SmolLM2 smol) : IClassFixture<SmolLM2>
{
    // Logits of about 20 after 30 layers, summed in another order.
    private const float Tolerance = 2e-4f;

    // nnsight's weights are the file's rounded to float16.
    private const float RoundedWeightsTolerance = 3e-2f;

    private static readonly (string Golden, SweepOptions Options)[] Grids =
    [
        ("denoise.resid_post", new() { Site = Activation.ResidPost }),
        ("denoise.attn_out", new() { Site = Activation.AttnOut }),
        ("denoise.mlp_out", new() { Site = Activation.MlpOut }),
        ("denoise.window5.mlp_out", new() { Site = Activation.MlpOut, Window = 5 }),
        ("denoise.z_all_pos", new() { Site = Activation.Z }),
        ("noise.resid_post", new() { Site = Activation.ResidPost, Direction = Direction.Noising }),
    ];

    [Fact]
    public void The_capital_grids_agree() => Check(smol.Model, "capital", TestData.InRepository("tests", "PatchKernel.Tests", "Data", "smollm2"), Tolerance);

    [Theory, InlineData("similar"), InlineData("country"), InlineData("indirect-object")]
    public void The_other_grids_agree(string name) => Check(smol.Model, name, TestData.Golden("oracle", "smollm2"), Tolerance);

    // The tutorial's question differs from its second half on: a grid of 800 cells takes ten times as long as those of the other pairs.
    [Fact]
    public void The_tutorials_grids_agree() =>
        Check(smol.Model, "profession", TestData.Golden("oracle", "smollm2"), Tolerance, "einstein", "denoise.resid_post", "denoise.z_all_pos", "noise.resid_post");

    [Theory, InlineData("capital"), InlineData("similar")]
    public void The_grids_of_the_GGUF_file_agree(string name)
    {
        using var gguf = LanguageModel.Load(TestData.Golden("smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"), device: "cpu");
        Check(gguf, name, TestData.Golden("oracle", "smollm2"), RoundedWeightsTolerance);
    }

    // Measured: 0.017 and 0.010; the pairs with a narrower gap are off by up to 0.080.
    [Theory, InlineData("capital"), InlineData("country")]
    public void In_bfloat16_no_score_of_a_pair_with_a_wide_gap_is_off_by_more_than_two_hundredths(string name)
    {
        var definition = PromptBook.Load(TestData.InRepository("data", "prompts.json")).Find(name);
        Near.Equal(Scores("float32"), Scores("bfloat16"), 0.02f, name);

        float[] Scores(string dtype)
        {
            using var model = LanguageModel.Load(TestData.SmolLM2(), dtype, "cpu");
            return Sweep.Run(model, PromptPair.FromDefinition(definition, model.Tokenizer!), new SweepOptions { Verify = 0 }).NormalisedScore;
        }
    }

    // A gradient is a product of thirty layers' slopes, so what is allowed is relative to the largest estimate.
    [Theory, InlineData("capital"), InlineData("similar"), InlineData("country"), InlineData("indirect-object"), InlineData("profession")]
    public void Estimates_agree(string name)
    {
        var arrays = new GoldenArrays(TestData.Golden("oracle", "smollm2", $"{name}.safetensors"));
        var pair = PairOf(smol.Model, name == "profession" ? "einstein" : name);
        string[] sites = [.. arrays.Names.Where(array => array.StartsWith("atp.", StringComparison.Ordinal))];
        Assert.Equal(4, sites.Length);
        foreach (var array in sites)
        {
            var result = Sweep.Run(smol.Model, pair, new() { Site = ActivationNames.Parse(array["atp.".Length..].Replace("_all_pos", "", StringComparison.Ordinal)), Method = SweepMethod.Atp, Metric = Metric.LogitDiff, Estimate = new() { Check = 0 } });
            Assert.Equal(arrays.Shape(array), result.Shape);
            var (expected, corrupt) = (arrays.Floats(array), result.CorruptRun.Of(Metric.LogitDiff));
            Near.Equal(expected, [.. result.Raw(Metric.LogitDiff).Select(value => value - corrupt)], 1e-4f * expected.Max(Math.Abs), $"{name}, {array}");
        }
    }

    private static PromptPair PairOf(LanguageModel model, string name) => PromptPair.FromDefinition(PromptBook.Load(TestData.InRepository("data", "prompts.json")).Find(name), model.Tokenizer!);

    private static void Check(LanguageModel model, string name, string golden, float tolerance, string? pairName = null, params string[] only)
    {
        var grids = only.Length == 0 ? Grids : [.. Grids.Where(grid => only.Contains(grid.Golden))];
        var facts = JsonDocument.Parse(File.ReadAllText(Path.Combine(golden, $"{name}.json"))).RootElement;
        var arrays = new GoldenArrays(Path.Combine(golden, $"{name}.safetensors"));
        var pair = PairOf(model, pairName ?? name);

        Assert.Equal(Ints(facts, "clean_ids"), pair.Clean.Ids);
        Assert.Equal(Ints(facts, "corrupt_ids"), pair.Corrupt.Ids);
        Assert.Equal(Ints(facts, "targets"), [pair.CleanTarget.Id, pair.CorruptTarget.Id]);
        var results = Sweep.Run(model, [.. grids.Select(grid => new SweepRequest(pair, grid.Options))]);
        Assert.Equal(Best(facts, "clean_best"), results[0].CleanRun.Best.Select(token => token.Id));
        Assert.Equal(Best(facts, "corrupt_best"), results[0].CorruptRun.Best.Select(token => token.Id));
        foreach (var (grid, result) in grids.Zip(results))
        {
            var logits = arrays.Floats(grid.Golden).Chunk(2).ToArray();
            Near.Equal([.. logits.Select(cell => cell[0])], result.CleanTarget, tolerance, $"{name}, {grid.Golden}, clean target");
            Near.Equal([.. logits.Select(cell => cell[1])], result.CorruptTarget, tolerance, $"{name}, {grid.Golden}, corrupt target");
        }
    }

    private static IEnumerable<int> Ints(JsonElement facts, string key) => facts.GetProperty(key).EnumerateArray().Select(id => id.GetInt32());

    private static IEnumerable<int> Best(JsonElement facts, string key) => facts.GetProperty(key).EnumerateArray().Select(token => token[0].GetInt32());
}
