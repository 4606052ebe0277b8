using System.Text.Json.Nodes;

namespace PatchKernel.Tests.Chat;

/// <summary>Where a model's template comes from, and what a prompt of it is.</summary>
public sealed class ChatTemplateTests : IDisposable
{
    private const string Simple = "{{ bos_token }}{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}{{ mood }}";

    private readonly BytesModel model = new();

    public void Dispose() => model.Dispose();

    private void Config(JsonNode? template, string? bos = "<s>") =>
        File.WriteAllText(model.File("tokenizer_config.json"), new JsonObject { ["bos_token"] = bos, ["chat_template"] = template }.ToJsonString());

    [Fact]
    public void The_config_s_template_is_used_with_its_tokens()
    {
        Config(Simple);
        Assert.Equal("<s><user>hi\n<assistant>", ChatTemplate.Load(model.Path).Render([("user", "hi")]));
        Assert.Equal("<s><system>a\n<user>b\nglad", ChatTemplate.Load(model.Path).Render([("system", "a"), ("user", "b")], addGenerationPrompt: false, new Dictionary<string, object?> { ["mood"] = "glad" }));
    }

    [Fact]
    public void A_file_of_its_own_comes_first()
    {
        Config(Simple);
        File.WriteAllText(model.File("chat_template.jinja"), "own {{ eos_token is defined }} {{ tools is none }} {{ bos_token }}\n");
        Assert.Equal("own False True <s>", ChatTemplate.Load(model.Path).Render([]));
    }

    [Fact]
    public void Of_several_the_default_is_taken()
    {
        Config(new JsonArray(new JsonObject { ["name"] = "tool_use", ["template"] = "tools" }, new JsonObject { ["name"] = "default", ["template"] = "plain" }));
        Assert.Equal("plain", ChatTemplate.Load(model.Path).Render([]));
        Config(new JsonArray(new JsonObject { ["name"] = "tool_use", ["template"] = "tools" }));
        Assert.EndsWith("its chat_template has several templates, and none of them is called default.", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_one_says_what_to_do() => Assert.Equal(
        $"'{model.Path}' has no chat template, neither in chat_template.jinja nor in tokenizer_config.json: give the prompt as a plain text, or take a model that was trained to chat.", Refused());

    [Theory]
    [InlineData("{{ raise_exception('Only \"users\" here.') }}", "refuses these messages: \"Only 'users' here\".")]
    [InlineData("\n{{ messages[7].role }}", "line 2 fails on these messages: \"list object has no element 7\".")]
    [InlineData("{{ messages | pprint }}", "line 1 uses the filter \"pprint\", which isn't supported: write the prompt's text as the template would.")]
    [InlineData("{% if %}", "line 1 isn't valid: \"Expected an expression, got 'end of statement block'\".")]
    [InlineData("{{ 'a' * 1000000000 }}", "line 1 isn't believed: it makes more text than any template should.")]
    public void What_gives_no_text_is_one_sentence(string template, string end)
    {
        Config(template);
        var message = Refused();
        Assert.StartsWith($"The chat template of '{model.File("tokenizer_config.json")}'", message, StringComparison.Ordinal);
        Assert.EndsWith(end, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_prompt_has_the_template_s_BOS_and_no_second_one()
    {
        Config(Simple);
        using var loaded = LanguageModel.Load(model.Path, device: "cpu");
        var prompt = Prompt.Chat(loaded, ("user", "hi"));
        Assert.Equal("<s><user>hi\n<assistant>", prompt.Text);
        Assert.Equal(loaded.Tokenizer!.Encode(prompt.Text!, addSpecialTokens: false), prompt.Ids);
        Assert.Equal(prompt.Length, prompt.Tokens!.Count);
        Assert.Equal("<s><user>hi\nsad", Prompt.Chat(loaded, [("user", "hi")], addGenerationPrompt: false, new Dictionary<string, object?> { ["mood"] = "sad" }).Text);
    }

    [Fact]
    public void A_GGUF_file_has_its_own()
    {
        var path = model.File("small.gguf");
        File.WriteAllBytes(path, GgufBuilder.Llama().Set("tokenizer.chat_template", Simple).Set("tokenizer.ggml.bos_token_id", 258u).Build());
        Assert.Equal("<s><user>hi\n<assistant>", ChatTemplate.Load(path).Render([("user", "hi")]));
        using (var loaded = LanguageModel.Load(path, device: "cpu")) Assert.Equal("<s><user>ab\n", Prompt.Chat(loaded, [("user", "ab")], addGenerationPrompt: false).Text);
        File.WriteAllBytes(path, GgufBuilder.Llama().Build());
        Assert.StartsWith($"'{path}' has no chat template (tokenizer.chat_template)", Assert.Throws<PatchKernelException>(() => ChatTemplate.Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SmolLM2_as_GGUF_says_the_same()
    {
        (string, string)[] messages = [("user", "Who was Isaac Newton?")];
        Assert.Equal(ChatTemplate.Load(TestData.Golden("smollm2")).Render(messages), ChatTemplate.Load(TestData.Golden("smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf")).Render(messages));
    }

    [Fact]
    public void Variables_are_what_JSON_has()
    {
        Config("{{ v | tojson }}");
        string Of(object? value) => ChatTemplate.Load(model.Path).Render([], variables: new Dictionary<string, object?> { ["v"] = value });
        Assert.Equal("[1, 2.5, true, null, {\"a\": [\"x\"]}]", Of(new object?[] { 1, 2.5f, true, null, new Dictionary<string, object?> { ["a"] = new List<string> { "x" } } }));
        Assert.StartsWith("The variable 'v' is a Uri, which no chat template knows", Assert.Throws<PatchKernelException>(() => Of(new Uri("http://a"))).Message, StringComparison.Ordinal);
    }

    private string Refused() => Assert.ThrowsAny<PatchKernelException>(() => ChatTemplate.Load(model.Path).Render([("user", "hi")])).Message;
}
