using System.Text.Json;
using TorchSharp;

namespace PatchKernel.Tests.Runs;

/// <summary>A real model, SmolLM2-135M-Instruct: generation by transformers, recomputed from scratch at each step, in float32.</summary>
public sealed class SmolLM2GenerationTests(SmolLM2 smol) : IClassFixture<SmolLM2>
{
    private static readonly GenerationOptions Endless = new() { StopAtEndOfText = false };

    public static TheoryData<string> Cases { get; } =
    [
        "profession", "chat", "story", "joy, prompt and new", "joy, new alone", "joy, prompt alone", "half an MLP", "no attention on new tokens",
        "swift patched with einstein",
    ];

    [Theory, MemberData(nameof(Cases))]
    public void It_gives_the_reference_implementations_tokens(string name)
    {
        using var golden = JsonDocument.Parse(File.ReadAllText(TestData.Golden("oracle", "generate", "smollm2.json")));
        var expected = golden.RootElement.EnumerateArray().Single(each => each.GetProperty("name").GetString() == name);
        var model = smol.Model;
        using var scope = torch.NewDisposeScope();
        var prompt = model.Encode(expected.GetProperty("prompt").GetString()!);
        Assert.Equal(Ids(expected, "ids"), prompt.Ids);
        var generation = model.Generate(prompt, 24, Endless, expected.GetProperty("edit") is { ValueKind: JsonValueKind.Object } edit ? [TapOf(model, edit)] : []);
        Assert.Equal(Ids(expected, "new_ids"), generation.NewIds);
        Assert.Equal(expected.GetProperty("text").GetString(), generation.Text);
    }

    [Fact]
    public void A_user_s_turn_is_the_reference_s_prompt_and_goes_on_as_there()
    {
        using var golden = JsonDocument.Parse(File.ReadAllText(TestData.Golden("oracle", "generate", "smollm2.json")));
        var expected = golden.RootElement.EnumerateArray().Single(each => each.GetProperty("name").GetString() == "chat");
        var prompt = Prompt.Chat(smol.Model, ("user", "Who was Isaac Newton? Answer in one sentence."));
        Assert.Equal(expected.GetProperty("prompt").GetString(), prompt.Text);
        Assert.Equal(Ids(expected, "ids"), prompt.Ids);
        Assert.Equal(Ids(expected, "new_ids"), smol.Model.Generate(prompt, 24, Endless).NewIds);
    }

    [Fact]
    public void It_stops_at_the_end_of_the_text()
    {
        var model = smol.Model;
        Assert.Equal([2], model.EndOfTextIds);
        var pair = PromptBook.Load(TestData.InRepository("data", "prompts.json")).Find("einstein");
        var generation = model.Generate(pair.CleanText, 60);
        Assert.Equal((24, 2, true), (generation.NewIds.Count, generation.NewIds[^1], generation.IsEnded));
        Assert.DoesNotContain(2, generation.NewIds.SkipLast(1));
        Assert.EndsWith("<|im_end|>", generation.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void It_equals_a_loop_of_full_forwards_with_and_without_taps()
    {
        var model = smol.Model;
        var prompt = model.Encode("Once upon a time, there was a little fox who");
        GenerationTests.Equal(model, prompt.Ids, 12, _ => []);
        GenerationTests.Equal(model, prompt.Ids, 12, _ => [Tap.Replace(Activation.MlpOut, 5, value => value * 0.5), Tap.Replace(Activation.Z, 10, value => value * 0, head: 3)]);
    }

    private static ActivationTap TapOf(LanguageModel model, JsonElement edit)
    {
        var layer = edit.GetProperty("layer").GetInt32();
        var tap = edit.GetProperty("kind").GetString() switch
        {
            "steer" => Steer(model, layer, edit),
            "scale" => Tap.Replace(Site(edit), layer, value => value * edit.GetProperty("factor").GetDouble()),
            _ => Tap.Put(Site(edit), layer, edit.GetProperty("pos").GetInt32(), Last(model, Site(edit), layer, edit.GetProperty("from").GetString()!, edit.GetProperty("pos").GetInt32())),
        };
        return !edit.TryGetProperty("where", out var where) ? tap : where.GetString() switch { "prompt" => tap.OnPrompt(), "new" => tap.OnNewTokens(), _ => tap };
    }

    /// <summary>The difference of what two texts leave at their last tokens.</summary>
    private static ActivationTap Steer(LanguageModel model, int layer, JsonElement edit)
    {
        var texts = edit.GetProperty("vector").EnumerateArray().Select(text => Last(model, Activation.ResidPost, layer, text.GetString()!, ^1)).ToArray();
        var vector = (texts[0] - texts[1]) * edit.GetProperty("scale").GetDouble();
        return Tap.Replace(Activation.ResidPost, layer, value => value + vector);
    }

    private static ActivationValue Last(LanguageModel model, Activation site, int layer, string text, Index pos)
    {
        ActivationValue? kept = null;
        model.Run(text, Tap.Read(site, layer, value => kept = value.Keep(), pos));
        return kept!;
    }

    private static Activation Site(JsonElement edit) => ActivationNames.Parse(edit.GetProperty("site").GetString()!);

    private static int[] Ids(JsonElement owner, string name) => [.. owner.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];
}
