using CsCheck;

namespace PatchKernel.Tests.Hostile;

/// <summary>Small files beside a model, changed in every way: the model runs, and what is odd about them is one sentence each.</summary>
[Collection(nameof(Alone))]
public sealed class HostileSettingsTests
{
    private const string Config = """
        {"add_bos_token": false, "add_eos_token": true, "add_prefix_space": true, "bos_token": "<s>", "eos_token": {"content": "</s>", "lstrip": true, "special": true},
         "pad_token": "<pad>", "tokenizer_class": "LlamaTokenizerFast", "extra_special_tokens": ["<x>"], "fast_tokenizer_files": ["tokenizer.5.json"], "split_special_tokens": true,
         "added_tokens_decoder": {"0": {"content": "<s>", "single_word": false, "lstrip": false, "rstrip": true, "normalized": false, "special": true}, "300": {"content": "<y>"}}}
        """;

    private static readonly Dictionary<string, string[]> Values = new()
    {
        ["bos_token"] = ["\"hi\"", "{\"content\": \"\"}", "{\"content\": \"\\u0120\"}", "true"],
        ["eos_token"] = ["\"h\"", "{\"content\": \"<s>\", \"normalized\": true}"],
        ["extra_special_tokens"] = ["[\"hi\", \"hi\"]", "{\"image_token\": \"<i>\"}", "[\"\"]"],
        ["added_tokens_decoder"] = ["{\"5\": {\"content\": \"a\"}}", "{\"-1\": {\"content\": \"a\"}}", "{\"99999999999\": {\"content\": \"b\"}}", "{\"258\": {\"content\": \"hi\"}}"],
        ["content"] = ["\"hi\"", "\" \"", "\"<s>\""],
        ["tokenizer_class"] = ["\"GPT2Tokenizer\"", "\"PreTrainedTokenizerFast\""],
        ["<z>"] = ["0", "-1", "2147483647"],
        ["bos_token_id"] = ["0", "null", "[0, 0]"],
        ["eos_token_id"] = ["1", "[]", "-1"],
    };

    [Theory]
    [InlineData("tokenizer_config.json", Config)]
    [InlineData("special_tokens_map.json", """{"bos_token": {"content": "<q>"}, "eos_token": "</s>", "additional_special_tokens": ["<x>", {"content": "<y>", "rstrip": true}]}""")]
    [InlineData("added_tokens.json", """{"<z>": 300, "<s>": 7, "hi": 5}""")]
    [InlineData("generation_config.json", """{"bos_token_id": 3, "eos_token_id": [4, 5]}""")]
    public void Any_file_beside_the_tokenizer(string name, string good)
    {
        using var model = new BytesModel();
        var (odd, count) = (0, 0);
        JsonChange.Any(Values).Array[1, 2].Sample(some =>
        {
            var bytes = some.All(System.Text.Encoding.UTF8.GetBytes(good));
            File.Delete(model.File(name));
            File.WriteAllBytes(model.File(name), bytes);
            var refusal = Trial.Refusal(model.Path, bytes.Length, () =>
            {
                using var checkpoint = Checkpoint.Open(model.Path);
                var warnings = checkpoint.Warnings;
                Assert.All(warnings, warning => Trial.CheckSentence(warning, model.Path));
                if (warnings.Count > 0) odd++;
                if (!checkpoint.HasTokenizer) Assert.All(checkpoint.Warnings, warning => Trial.CheckSentence(warning, model.Path));
                else
                {
                    Assert.Equal(warnings, checkpoint.Warnings);
                    Assert.All(checkpoint.Tokenizer.Encode("hi <x> there</s>"), id => Assert.InRange(id, 0, checkpoint.Tokenizer.VocabularySize - 1));
                }
            });
            Assert.Null(refusal);
            count++;
        }, iter: Trial.Count, threads: 1, print: some => string.Join("; ", (object[])some));
        Assert.True(odd > count / 4, $"{odd} of {count} were odd");
    }

    [Fact]
    public void Any_tokenizer_leaves_the_model_to_ids()
    {
        using var model = new BytesModel();
        var good = File.ReadAllBytes(model.File("tokenizer.json"));
        var logits = OpenedModel.Open(model.Path).LogitBits;
        var tally = new Tally();
        JsonChange.Any(HostileValues.OfTokenizer).Array[1, 2].Sample(some =>
        {
            var bytes = some.All(good);
            File.Delete(model.File("tokenizer.json"));
            File.WriteAllBytes(model.File("tokenizer.json"), bytes);
            var refusal = Trial.Refusal(model.Path, bytes.Length, () =>
            {
                using var checkpoint = Checkpoint.Open(model.Path);
                var early = checkpoint.Warnings;
                tally.Add(checkpoint.HasTokenizer ? null : "to ids");
                Assert.Equal(checkpoint.HasTokenizer ? 0 : 1, checkpoint.Warnings.Count);
                if (early.Count > 0) Assert.False(checkpoint.HasTokenizer);
                Assert.All(checkpoint.Warnings, warning => Trial.CheckSentence(warning, model.Path));
            });
            Assert.Null(refusal);
        }, iter: Trial.Count, threads: 1, print: some => string.Join("; ", (object[])some));
        Assert.Equal(logits, OpenedModel.Open(model.Path).LogitBits);
        tally.Check();
    }
}
