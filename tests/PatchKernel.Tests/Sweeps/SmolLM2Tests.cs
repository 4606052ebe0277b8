using System.Text.Json;

namespace PatchKernel.Tests.Sweeps;

/// <summary>A real model: SmolLM2-135M-Instruct's sweeps by nnsight, cell by cell, in float32.</summary>
public sealed class SmolLM2Tests
{
    // Logits of about 20 after 30 layers, summed in another order.
    private const float Tolerance = 2e-4f;

    // nnsight's weights are the file's rounded to float16.
    private const float RoundedWeightsTolerance = 3e-2f;

    [Fact]
    public void The_capital_sweep_agrees_with_nnsight() => Check("capital", TestData.InRepository("tests", "PatchKernel.Tests", "Data", "smollm2"));

    [Fact]
    public void The_capital_sweep_of_the_GGUF_file_agrees_with_nnsight() =>
        CheckGguf("capital", TestData.InRepository("tests", "PatchKernel.Tests", "Data", "smollm2"));

    [Fact(Explicit = true)]
    public void The_similar_sweep_of_the_GGUF_file_agrees_with_nnsight() => CheckGguf("similar", TestData.Golden("oracle", "smollm2"));

    // A quarter of a minute to a minute and a half each: run them with -explicit only.
    [Theory(Explicit = true), InlineData("similar"), InlineData("profession"), InlineData("country"), InlineData("indirect-object")]
    public void The_other_sweeps_agree_with_nnsight(string name) => Check(name, TestData.Golden("oracle", "smollm2"));

    private static void Check(string name, string golden) => Check(name, golden, TestData.SmolLM2(), Tolerance);

    private static void CheckGguf(string name, string golden) =>
        Check(name, golden, TestData.Golden("smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"), RoundedWeightsTolerance);

    private static void Check(string name, string golden, string checkpoint, float tolerance)
    {
        using var model = Llama.Load(checkpoint, device: "cpu");
        var facts = JsonDocument.Parse(File.ReadAllText(Path.Combine(golden, $"{name}.json"))).RootElement;
        var arrays = new GoldenArrays(Path.Combine(golden, $"{name}.safetensors"));
        var definition = PromptBook.Load(TestData.InRepository("data", "prompts.json")).Find(name);
        var pair = PromptPair.FromDefinition(definition, model.Tokenizer!);

        Assert.Equal(Ints(facts, "clean_ids"), pair.Clean.Ids);
        Assert.Equal(Ints(facts, "corrupt_ids"), pair.Corrupt.Ids);
        Assert.Equal(Ints(facts, "targets"), [pair.CleanTarget.Id, pair.CorruptTarget.Id]);
        var result = Sweep.Run(model, pair);
        Assert.Equal(Best(facts, "clean_best"), result.CleanRun.Best.Select(token => token.Id));
        Assert.Equal(Best(facts, "corrupt_best"), result.CorruptRun.Best.Select(token => token.Id));
        var logits = arrays.Floats("denoise.resid_post").Chunk(2).ToArray();
        Near.Equal([.. logits.Select(cell => cell[0])], result.CleanTarget, tolerance, $"{name}, clean target");
        Near.Equal([.. logits.Select(cell => cell[1])], result.CorruptTarget, tolerance, $"{name}, corrupt target");
    }

    private static IEnumerable<int> Ints(JsonElement facts, string key) => facts.GetProperty(key).EnumerateArray().Select(id => id.GetInt32());

    private static IEnumerable<int> Best(JsonElement facts, string key) => facts.GetProperty(key).EnumerateArray().Select(token => token[0].GetInt32());
}
