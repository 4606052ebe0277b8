using System.Text.Json;
using PatchKernel.Chat;
using PatchKernel.Templates;

namespace PatchKernel.Tests.Chat;

/// <summary>Conversations against transformers.</summary>
public sealed class ConversationTests
{
    private static readonly string[] TokenNames = ["bos_token", "eos_token"];

    public static TheoryData<string> Here => [.. Directory.GetFiles(TestData.InRepository("tests", "PatchKernel.Tests", "Data", "chat", "conversations")).Select(path => Path.GetFileNameWithoutExtension(path)!)];

    [Theory, MemberData(nameof(Here))]
    public void Every_text_is_transformers(string name) => Check(TestData.InRepository("tests", "PatchKernel.Tests", "Data", "chat", "conversations", $"{name}.json"));

    [Theory, InlineData("qwen3"), InlineData("llama3_1"), InlineData("deepseek_v3")]
    public void Every_text_of_other_models_is_transformers(string name) => Check(TestData.Golden("oracle", "chat", $"{name}.json"));

    [Fact]
    public void Ids_are_those_of_the_text_alone()
    {
        using var file = JsonDocument.Parse(File.ReadAllText(TestData.InRepository("tests", "PatchKernel.Tests", "Data", "chat", "conversations", "smollm2.json")));
        Assert.All(file.RootElement.GetProperty("cases").EnumerateArray(), entry => Assert.Equal(
            entry.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()), TokenizerData.SmolLm2.Encode(entry.GetProperty("text").GetString()!, addSpecialTokens: false)));
    }

    private static void Check(string path)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(path));
        var root = file.RootElement;
        var tokens = TokenNames.Where(name => root.GetProperty(name).ValueKind == JsonValueKind.String).ToDictionary(name => name, name => root.GetProperty(name).GetString()!);
        var template = ChatTemplate.Of(new ChatSource(root.GetProperty("chat_template").GetString()!, path, tokens));
        var count = 0;
        foreach (var entry in root.GetProperty("cases").EnumerateArray())
        {
            var variables = entry.GetProperty("variables").EnumerateObject().ToDictionary(variable => variable.Name, variable => Values.Of(variable.Value));
            string Render() => template.Render(Values.Of(entry.GetProperty("messages")), entry.GetProperty("add_generation_prompt").GetBoolean(), variables);
            if (entry.TryGetProperty("text", out var text)) Assert.Equal(text.GetString(), Render());
            else Assert.Equal(entry.GetProperty("error").GetString(), Assert.Throws<ChatException>(() => Render()).Reason);
            count++;
        }
        Assert.Equal(30, count);
    }
}
