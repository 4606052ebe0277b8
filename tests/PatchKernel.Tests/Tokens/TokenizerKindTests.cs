using System.Text.Json.Nodes;

namespace PatchKernel.Tests;

/// <summary>Tokenizers of the kinds that model families use, against the reference implementation, and vocabularies in GGUF against llama.cpp.</summary>
public sealed class TokenizerKindTests
{
    public static TheoryData<string> Kinds => ["added-tokens", "gemma-like", "gpt2-like", "llama2-like", "mistral-like", "neox-like", "olmo-like", "phi3-like", "qwen-like"];

    [Theory, MemberData(nameof(Kinds))]
    public void Texts_get_the_reference_ids_and_come_back(string kind) =>
        TokenizerTests.AgreesWith(TokenizerData.Texts(TokenizerData.KindFile($"{kind}.json")), Tokenizer.Load(TokenizerData.KindFile($"{kind}.tokenizer.json")));

    [Theory]
    [InlineData("llama2")]
    [InlineData("qwen3")]
    [InlineData("gpt2")]
    public void A_real_model_s_texts_get_the_reference_ids_and_come_back(string model) => TokenizerTests.AgreesWith(
        TokenizerData.Texts(TestData.Golden("oracle", "tokens", $"{model}.json")), TokenizerData.LoadGzipped(TestData.Golden("tokenizers", $"{model}.json.gz")));

    [Theory]
    [InlineData("llama2-like")]
    [InlineData("gpt2-like")]
    [InlineData("qwen-like")]
    public void A_vocabulary_in_GGUF_gives_llama_cpp_s_ids(string kind)
    {
        var tokenizer = Tokenizer.Load(TestData.Golden("oracle", "gguf", "tokens", $"{kind}.gguf"));
        Assert.Empty(tokenizer.Warnings);
        var decoded = TokenizerData.Texts(TokenizerData.KindFile($"{kind}.json")).ToDictionary(text => text.Text);
        var same = 0;
        foreach (var text in TokenizerData.Texts(TestData.Golden("oracle", "gguf", "tokens", $"{kind}.json")))
        {
            Assert.Equal(text.Ids, tokenizer.Encode(text.Text, addSpecialTokens: false));
            Assert.Equal(text.WithSpecial, tokenizer.Encode(text.Text));
            if (!decoded.TryGetValue(text.Text, out var reference) || !reference.Ids.SequenceEqual(text.Ids)) continue; // llama.cpp has no NFC
            Assert.Equal(reference.Decoded, tokenizer.Decode(text.Ids));
            same++;
        }
        Assert.True(same > 150);
    }

    [Fact]
    public void A_vocabulary_of_Gemma_s_size_loads()
    {
        var text = TokenizerData.Kind("gemma-like", json =>
        {
            var vocabulary = json["model"]!["vocab"]!.AsObject();
            var letters = Enumerable.Range('a', 26).Select(letter => (char)letter).ToArray();
            var words = letters.SelectMany(_ => letters, (a, b) => $"{a}{b}").SelectMany(_ => letters, (a, b) => $"{a}{b}").SelectMany(_ => letters, (a, b) => $"{a}{b}").ToArray();
            string[] all = [.. words.Select(word => word[..2]).Distinct(), .. words.Select(word => word[..3]).Distinct(), .. words];
            foreach (var word in all.TakeWhile(_ => vocabulary.Count < 262_100))
                if (!vocabulary.ContainsKey(word)) vocabulary[word] = 710 + vocabulary.Count;
            json["model"]!["merges"] = new JsonArray([.. all.Where(vocabulary.ContainsKey)
                .SelectMany(word => Enumerable.Range(1, word.Length - 1), (word, cut) => new[] { word[..cut], word[cut..] })
                .Where(pair => pair.All(vocabulary.ContainsKey)).Take(500_000).Select(pair => new JsonArray([.. pair.Select(side => (JsonNode)side)]))]);
            Assert.Equal(500_000, json["model"]!["merges"]!.AsArray().Count);
        });
        var tokenizer = TokenizerData.LoadText(text);
        Assert.Equal(["▁", "dwer"], tokenizer.Encode("▁dwer", addSpecialTokens: false).Select(id => tokenizer.TokenText(id)).Select(token => token.Replace(' ', '▁')));
    }

    [Fact]
    public void A_token_inside_a_text_is_labelled_with_what_it_stands_for()
    {
        var tokenizer = Tokenizer.Load(TokenizerData.KindFile("llama2-like.tokenizer.json"));
        Assert.Equal(["<s>", " a", "\n", "<0xF0>"], new[] { 1, 555, 3 + 0x0A, 3 + 0xF0 }.Select(tokenizer.TokenText));
        Assert.Equal("\uFFFD\uFFFDa", tokenizer.Decode([3 + 0xF0, 3 + 0x9F, tokenizer.Encode("xa", addSpecialTokens: false)[^1]]));
    }

    [Theory]
    [InlineData(false, "a<unk><unk>b")]
    [InlineData(true, "a<unk>b")]
    public void Letters_that_nothing_spells_are_the_unknown_token_one_by_one_or_together(bool fuses, string decoded)
    {
        var tokenizer = TokenizerData.LoadText(TokenizerData.Kind("llama2-like", json =>
        {
            json["model"]!["byte_fallback"] = false;
            json["model"]!["fuse_unk"] = fuses;
        }));
        Assert.Equal(decoded, tokenizer.Decode(tokenizer.Encode("a\u4E00\u4E01b", addSpecialTokens: false)));
    }

    [Fact]
    public void A_letter_whose_bytes_aren_t_all_there_is_unknown_and_comes_behind_the_bytes_that_follow_it()
    {
        var tokenizer = TokenizerData.LoadText(TokenizerData.Kind("llama2-like", json => Rename(json["model"]!["vocab"]!.AsObject(), "<0xE4>")));
        Assert.Equal("\uA000<unk>", tokenizer.Decode(tokenizer.Encode("\uA000\u4E00", addSpecialTokens: false)));
        // 一 is unknown, ꀀ is bytes: the reference implementation lets bytes pass an open unknown letter.
        Assert.Equal("\uA000<unk>", tokenizer.Decode(tokenizer.Encode("\u4E00\uA000", addSpecialTokens: false)));
        Assert.Equal("\uA000<unk>b", tokenizer.Decode(tokenizer.Encode("\u4E00\uA000\u4E01b", addSpecialTokens: false)));
    }

    private static void Rename(JsonObject vocabulary, string token)
    {
        var id = (int)vocabulary[token]!;
        vocabulary.Remove(token);
        vocabulary[$"not {token}"] = id;
    }
}
