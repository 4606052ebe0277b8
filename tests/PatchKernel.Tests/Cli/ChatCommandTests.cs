using System.Text.Json;
using System.Text.Json.Nodes;

namespace PatchKernel.Tests.Cli;

/// <summary><c>--as-chat</c> and <c>tokens --chat</c>.</summary>
public sealed class ChatCommandTests : IDisposable
{
    private const string Template = "{% if messages | length == 0 %}{{ raise_exception('Say something.') }}{% endif %}{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}"
        + "{% if add_generation_prompt %}<assistant>{% endif %}{{ mood }}";

    private static readonly string[] Keys = ["text", "ids", "error"];

    private readonly BytesModel model = new();
    private readonly TemporaryFolder folder = new();

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    private void WriteTemplate() => File.WriteAllText(model.File("chat_template.jinja"), Template);

    private static JsonElement Read(string path) => JsonDocument.Parse(File.ReadAllText(path)).RootElement;

    [Fact]
    public void Predict_asks_as_a_user()
    {
        WriteTemplate();
        CliRun.Of("predict", "--model", model.Path, "--text", "hi", "--as-chat", "--json", folder.File("a.json")).Success();
        var json = Read(folder.File("a.json"));
        Assert.Equal("<user>hi\n<assistant>", json.GetProperty("prompt").GetString());
        Assert.True(json.GetProperty("as_chat").GetBoolean());
    }

    [Fact]
    public void Check_and_sweep_make_turns_of_both_prompts()
    {
        WriteTemplate();
        string[] pair = ["--model", model.Path, "--clean", "xa", "--corrupt", "xb", "--targets", "a", "b", "--as-chat"];
        Assert.Contains("<user>xa", CliRun.Of(["check", .. pair]).Success(), StringComparison.Ordinal);
        CliRun.Of(["sweep", .. pair, "--no-html", "--json", folder.File("a.json")]).Success();
        var result = SweepResult.Load(folder.File("a.json"));
        Assert.Equal(("<user>xa\n<assistant>", "<user>xb\n<assistant>"), (result.Pair.Clean.Text, result.Pair.Corrupt.Text));
    }

    [Fact]
    public void Ids_are_no_turns() => Assert.Equal(
        "--as-chat makes turns of texts, and --ids are ids, which are taken as they are; leave one of them out; see --help.",
        CliRun.Of("predict", "--model", model.Path, "--ids", "1,2", "--as-chat").Failure(exitCode: 2));

    [Fact]
    public void A_model_without_a_template_is_one_sentence() => Assert.StartsWith(
        $"'{model.Path}' has no chat template", CliRun.Of("predict", "--model", model.Path, "--text", "hi", "--as-chat").Failure(), StringComparison.Ordinal);

    [Fact]
    public void Tokens_gives_each_conversation_s_text_and_ids_or_its_error()
    {
        WriteTemplate();
        File.WriteAllText(folder.File("in.json"), """
            [{"messages": [{"role": "user", "content": "hi"}], "add_generation_prompt": true, "variables": {"mood": "!"}, "text": "other"},
             {"messages": []}, {"messages": [{"role": "user", "content": null}]}, {"messages": [1]}]
            """);
        CliRun.Of("tokens", "--model", model.Path, "--chat", folder.File("in.json"), "--json", folder.File("out.json")).Success();
        var all = Read(folder.File("out.json")).EnumerateArray().ToList();
        Assert.Equal(["<user>hi\n<assistant>!", null, "<user>None\n", "<>\n"], all.Select(entry => entry.TryGetProperty("text", out var text) ? text.GetString() : null));
        Assert.Equal("Say something.", all[1].GetProperty("error").GetString());
        Assert.Equal(
            Tokenizer.Load(model.Path).Encode("<user>hi\n<assistant>!", addSpecialTokens: false), all[0].GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[{}]")]
    [InlineData("""[{"messages": "hi"}]""")]
    [InlineData("""[{"messages": [], "add_generation_prompt": 1}]""")]
    [InlineData("""[{"messages": [], "variables": []}]""")]
    public void Other_files_are_refused(string json)
    {
        WriteTemplate();
        File.WriteAllText(folder.File("in.json"), json);
        Assert.Equal(
            $"'{folder.File("in.json")}' must hold a JSON array of conversations, {{\"messages\": [...]}} and nothing else.",
            CliRun.Of("tokens", "--model", model.Path, "--chat", folder.File("in.json"), "--json", folder.File("out.json")).Failure());
    }

    [Fact]
    public void Chat_needs_json_and_no_text()
    {
        Assert.Equal("--chat and --json go together; give both files; see --help.", CliRun.Of("tokens", "--chat", "a.json").Failure(exitCode: 2));
        Assert.Equal("--text and --chat don't go together; give one of them; see --help.", CliRun.Of("tokens", "--chat", "a.json", "--text", "b", "--json", "c").Failure(exitCode: 2));
    }

    [Theory, InlineData("smollm2", "smollm2"), InlineData("qwen3", "tokenizers/qwen3.json.gz")]
    public void Real_models_conversations_get_transformers_ids(string name, string tokenizer)
    {
        var golden = JsonNode.Parse(File.ReadAllText(TestData.Golden("oracle", "chat", $"{name}.json")))!;
        var place = TestData.Golden(tokenizer.Split('/'));
        if (Directory.Exists(place)) File.Copy(Path.Combine(place, "tokenizer.json"), folder.File("tokenizer.json"));
        else
        {
            using var packed = new System.IO.Compression.GZipStream(File.OpenRead(place), System.IO.Compression.CompressionMode.Decompress);
            using var plain = File.Create(folder.File("tokenizer.json"));
            packed.CopyTo(plain);
        }
        File.WriteAllText(folder.File("tokenizer_config.json"), new JsonObject
        {
            ["chat_template"] = golden["chat_template"]!.DeepClone(),
            ["bos_token"] = golden["bos_token"]?.DeepClone(),
            ["eos_token"] = golden["eos_token"]!.DeepClone(),
        }.ToJsonString());
        File.WriteAllText(folder.File("in.json"), golden["cases"]!.ToJsonString());
        var run = CliRun.Of("tokens", "--model", folder.Path, "--chat", folder.File("in.json"), "--json", folder.File("out.json"));
        Assert.Equal(0, run.ExitCode);
        foreach (var (expected, given) in golden["cases"]!.AsArray().Zip(JsonNode.Parse(File.ReadAllText(folder.File("out.json")))!.AsArray()))
            foreach (var key in Keys.Where(key => expected![key] is not null || given![key] is not null))
                Assert.Equal(expected![key]?.ToJsonString(), given![key]?.ToJsonString());
    }
}
