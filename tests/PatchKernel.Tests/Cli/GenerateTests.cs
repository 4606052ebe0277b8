using System.Text.Json;
using PatchKernel.Text;

namespace PatchKernel.Tests.Cli;

/// <summary><c>patchkernel predict --generate</c>.</summary>
public sealed class GenerateTests : IDisposable
{
    private const string Text = "Q: Which of the following entities has a profession in common with Albert Einstein? Brad Pitt, Isaac Newton, Michael Jackson.\nA:";

    private static readonly string Mini = TestData.InRepository("models", "mini");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_file_holds_the_new_ids_and_the_text()
    {
        var output = CliRun.Of("predict", "--model", Mini, "--text", Text, "--generate", "5", "--json", folder.File("a.json")).Success();
        using var model = LanguageModel.Load(Mini, device: "cpu");
        var generation = model.Generate(Text, 5);
        Assert.Contains($"generated   {Quoted.Text(generation.Text!)}\n            5 ids {string.Join(',', generation.NewIds)}\n", output, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(File.ReadAllText(folder.File("a.json")));
        Assert.Equal(generation.NewIds, json.RootElement.GetProperty("new_ids").EnumerateArray().Select(id => id.GetInt32()));
        Assert.Equal(generation.Text, json.RootElement.GetProperty("text").GetString());
        Assert.Equal((Text, 10), (json.RootElement.GetProperty("prompt").GetString(), json.RootElement.GetProperty("best").GetArrayLength()));
        Assert.Equal(generation.NewIds[0], json.RootElement.GetProperty("best")[0].GetProperty("id").GetInt32());
    }

    [Fact]
    public void A_pair_has_both_and_standard_output_takes_the_file_alone()
    {
        var run = CliRun.Of("predict", "--model", Mini, "--generate", "3", "--json", "-");
        Assert.Equal(0, run.ExitCode);
        using var json = JsonDocument.Parse(run.Output);
        Assert.Equal(" Isaac Newton", json.RootElement.GetProperty("clean").GetProperty("text").GetString()![..13]);
        Assert.Equal(" Michael Jackson", json.RootElement.GetProperty("corrupt").GetProperty("text").GetString()![..16]);
    }

    [Fact]
    public void A_model_without_a_tokenizer_generates_ids()
    {
        CliRun.Of("predict", "--model", CliRun.Tiny, "--ids", "1,201,75", "--generate", "4", "--temperature", "0.8", "--seed", "3", "--json", folder.File("a.json")).Success();
        using var json = JsonDocument.Parse(File.ReadAllText(folder.File("a.json")));
        using var model = LanguageModel.Load(CliRun.Tiny, device: "cpu");
        var expected = model.Generate(Prompt.FromIds([1, 201, 75]), 4, new GenerationOptions { Temperature = 0.8, Seed = 3 });
        Assert.Equal(expected.NewIds, json.RootElement.GetProperty("new_ids").EnumerateArray().Select(id => id.GetInt32()));
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("text").ValueKind);
    }

    [Fact]
    public void Without_generate_the_file_has_the_best_tokens()
    {
        CliRun.Of("predict", "--model", CliRun.Tiny, "--ids", "1,201,75", "--top", "3", "--json", folder.File("a.json")).Success();
        using var json = JsonDocument.Parse(File.ReadAllText(folder.File("a.json")));
        Assert.Equal(["model", "prompt", "ids", "best"], json.RootElement.EnumerateObject().Select(entry => entry.Name));
    }

    [Fact]
    public void Too_many_tokens_are_refused_before_weights_are_read()
    {
        Assert.Equal(
            "A prompt of 3 tokens and 62 new ones are more than the 64 positions that the model was made for; ask for fewer tokens, or shorten the prompt.",
            CliRun.Of("predict", "--model", Mini, "--ids", "1,2,3", "--generate", "62").Failure());
    }

    [Fact]
    public void The_file_may_not_be_one_of_the_models() => Assert.StartsWith(
        "--json would write", CliRun.Of("predict", "--model", Mini, "--ids", "1", "--json", Path.Combine(Mini, "config.json")).Failure(exitCode: 2), StringComparison.Ordinal);

    [Fact]
    public void A_stopped_generation_writes_no_file()
    {
        var run = CliRun.Of(new CancellationToken(canceled: true), "predict", "--model", CliRun.Tiny, "--ids", "1,2,3", "--generate", "5", "--json", folder.File("a.json"));
        Assert.StartsWith("stopped before the end", run.Failure(), StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("a.json")));
    }
}
