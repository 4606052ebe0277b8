using System.Text.Json.Nodes;
using CsCheck;
using PatchKernel.Tokens;

namespace PatchKernel.Tests;

public sealed class TokenizerTests
{
    [Fact]
    public void SmolLM2s_texts_get_the_reference_ids_and_come_back() => AgreesWith(TokenizerData.SmolLm2Texts(), TokenizerData.SmolLm2);

    [Fact]
    public void Llama_3s_texts_get_the_reference_ids_and_come_back()
    {
        var tokenizer = TokenizerData.LoadGzipped(TestData.Golden("llama3", "tokenizer.json.gz"));
        AgreesWith(TokenizerData.Texts(TestData.Golden("oracle", "tokens", "llama3.json")), tokenizer);
        Assert.Equal(128000, tokenizer.BosId);
        Assert.Equal(128256, tokenizer.VocabularySize);
        Assert.Equal([17971, 55152], tokenizer.Encode(" Albert Einstein", addSpecialTokens: false));
        Assert.Equal(" Einstein", tokenizer.TokenText(55152));
        Assert.Equal("<|begin_of_text|>", tokenizer.TokenText(128000));
    }

    [Fact]
    public void SmolLM2_puts_nothing_in_front()
    {
        Assert.Null(TokenizerData.SmolLm2.BosId);
        Assert.Equal(49152, TokenizerData.SmolLm2.VocabularySize);
    }

    [Fact]
    public void Any_text_without_half_pairs_comes_back()
    {
        var rune = Gen.Frequency(
            (6, Gen.Char[' ', '~'].Select(c => c.ToString())),
            (2, Gen.OneOf("\n", "\t", "\r\n", "  ", "'s", "’", "\u00A0", "\u2028", "<|im_end|>", "<|im", "é", "e\u0301", "١", "½")),
            // SmolLM2's vocabulary lacks the bytes that begin U+40000 to U+BFFFF.
            (2, Gen.OneOf<int>(Gen.Int[0x80, 0xD7FF], Gen.Int[0xE000, 0x3FFFF], Gen.Int[0xC0000, 0x10FFFF]).Select(char.ConvertFromUtf32)));
        rune.Array[0, 60].Select(string.Concat).Sample(text =>
            TokenizerData.SmolLm2.Decode(TokenizerData.SmolLm2.Encode(text, addSpecialTokens: false)) == text);
    }

    [Fact]
    public void A_byte_that_the_vocabulary_lacks_is_never_dropped()
    {
        var error = Assert.Throws<PatchKernelException>(() => TokenizerData.SmolLm2.Encode("a\u0004b"));
        Assert.EndsWith("can't spell \"\\u0004\": no word in it is near; use words that it has, or another model.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_surrogate_pair_counts_as_the_replacement_character()
    {
        var tokenizer = TokenizerData.SmolLm2;
        Assert.Equal(tokenizer.Encode("a\uFFFDb"), tokenizer.Encode("a\uD83Db"));
        Assert.Equal(tokenizer.Encode("\uFFFD\uFFFD"), tokenizer.Encode("\uDE42\uD83D"));
    }

    [Fact]
    public void Each_token_has_a_text_and_half_a_character_a_readable_label()
    {
        var tokenizer = TokenizerData.Load();
        Assert.Equal(" ", tokenizer.TokenText(0x20));
        Assert.Equal("\n", tokenizer.TokenText(0x0A));
        Assert.Equal("abc", tokenizer.TokenText(257));
        Assert.Equal("<s>", tokenizer.TokenText(258));
        Assert.Equal("<0xE2>", tokenizer.TokenText(0xE2));
        Assert.Equal("<id 259>", tokenizer.TokenText(259));
        Assert.Equal("<id -1>", tokenizer.TokenText(-1));
        Assert.All(Enumerable.Range(0, TokenizerData.SmolLm2.VocabularySize), id => Assert.NotEmpty(TokenizerData.SmolLm2.TokenText(id)));
    }

    [Theory]
    [InlineData("â\u0122", "<0xE2 0x80>")]
    [InlineData("Ġâ\u0122", " <0xE2 0x80>")]
    [InlineData("\u0136z", "<0x94>z")]
    [InlineData("Ã©", "é")]
    public void A_label_keeps_the_whole_characters_of_a_token(string token, string label) =>
        Assert.Equal(label, ByteAlphabet.ToLabel(ByteAlphabet.ToBytes(token)));

    [Fact]
    public void Bytes_that_make_no_character_decode_to_the_replacement_character() =>
        Assert.Equal("a\uFFFDb", TokenizerData.Load().Decode([0x61, 0xE2, 0x80, 0x62]));

    [Fact]
    public void An_id_without_a_token_is_refused()
    {
        var error = Assert.Throws<PatchKernelException>(() => TokenizerData.Load().Decode([1, 259]));
        Assert.Equal("The tokenizer has no token with id 259; its ids run from 0 to 258.", error.Message);
    }

    [Fact]
    public void The_template_puts_its_tokens_around_the_text_only_when_asked()
    {
        var template = TokenizerData.Template(["<s>"], ["</s>"], ("<s>", 258), ("</s>", 258));
        var tokenizer = TokenizerData.Load(json => json["post_processor"] = template);
        Assert.Equal([258, 0x61, 258], tokenizer.Encode("a"));
        Assert.Equal([0x61], tokenizer.Encode("a", addSpecialTokens: false));
        Assert.Equal([258, 258], tokenizer.Encode(""));
        Assert.Equal(258, tokenizer.BosId);
    }

    [Fact]
    public void A_template_that_only_ends_a_text_has_no_BOS() =>
        Assert.Null(TokenizerData.Load(json => json["post_processor"] = TokenizerData.Template([], ["<s>"], ("<s>", 258))).BosId);

    [Theory]
    [InlineData(true, new[] { 258 })]
    [InlineData(false, new[] { 0x20, 256 })]
    public void A_word_that_is_a_token_itself_skips_its_merges_where_the_file_says_so(bool ignoreMerges, int[] ids)
    {
        var tokenizer = TokenizerData.Load(json =>
        {
            json["model"]!["ignore_merges"] = ignoreMerges;
            // No merge leads to this token, so merging alone never gives it.
            json["model"]!["vocab"]!["Ġab"] = 258;
            json["added_tokens"]![0]!["id"] = 259;
        });
        Assert.Equal(ids, tokenizer.Encode(" ab"));
        Assert.Equal([257, 0x63], tokenizer.Encode("abcc"));
    }

    [Fact]
    public void Merges_may_be_pairs()
    {
        var tokenizer = TokenizerData.Load(json => json["model"]!["merges"] = JsonNode.Parse("""[["a", "b"], ["ab", "c"]]"""));
        Assert.Equal([257], tokenizer.Encode("abc"));
    }

    [Fact]
    public void A_space_is_put_in_front_where_the_file_says_so()
    {
        var tokenizer = TokenizerData.Load(json => json["pre_tokenizer"]!["add_prefix_space"] = true);
        Assert.Equal([0x20, 256], tokenizer.Encode("ab"));
        Assert.Equal([0x20, 256], tokenizer.Encode(" ab"));
        Assert.Empty(tokenizer.Encode(""));
    }

    internal static void AgreesWith(IReadOnlyList<TokenizerData.Reference> texts, Tokenizer tokenizer)
    {
        Assert.True(texts.Count > 150);
        foreach (var text in texts)
        {
            Assert.Equal(text.Ids, tokenizer.Encode(text.Text, addSpecialTokens: false));
            Assert.Equal(text.WithSpecial, tokenizer.Encode(text.Text));
            Assert.Equal(text.Decoded, tokenizer.Decode(text.Ids));
        }
    }
}
