using System.IO.Compression;
using System.Text.Json.Nodes;
using PatchKernel.Gguf;
using PatchKernel.Tokens;

namespace PatchKernel.Tests;

/// <summary>Tokenizers out of GGUF metadata.</summary>
public sealed class GgufTokenizerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private Checkpoint Open(GgufBuilder gguf)
    {
        File.WriteAllBytes(folder.File("small.gguf"), gguf.Build());
        return Checkpoint.Open(folder.File("small.gguf"));
    }

    private static IEnumerable<string> Pieces(Checkpoint checkpoint, string text) =>
        checkpoint.Tokenizer.Encode(text).Select(id => checkpoint.Tokenizer.TokenText(id));

    [Theory]
    [InlineData("gpt-2", "ab", new[] { "ab" })]
    [InlineData("gpt-2", "abc<s>ab", new[] { "abc", "<s>", "ab" })]
    [InlineData("llama-bpe", "abc ab", new[] { "abc", " ", "ab" })]
    public void Tokens_merges_and_special_tokens_are_the_metadata_s(string pre, string text, string[] pieces)
    {
        using var checkpoint = Open(GgufBuilder.Llama().Set("tokenizer.ggml.pre", pre));
        Assert.Equal(["<s>", .. pieces], Pieces(checkpoint, text));
        Assert.Equal((258, GgufBuilder.Vocabulary), (checkpoint.Tokenizer.BosId, checkpoint.Tokenizer.VocabularySize));
    }

    [Theory]
    [InlineData("gpt-2", new[] { "It", "'s", " $", "12345", "!!", "\n\n", " x" })]
    [InlineData("smollm", new[] { "It", "'s", " $", "1", "2", "3", "4", "5", "!!", "\n\n", " x" })]
    [InlineData("olmo", new[] { "It", "'s", " $", "12345", "!!", "\n\n", " x" })]
    [InlineData("command-r", new[] { "It", "'s", " $", "1", "2", "3", "4", "5", "!!", "\n\n", " x" })]
    [InlineData("llama-bpe", new[] { "It", "'s", " $", "123", "45", "!!\n\n", " x" })]
    [InlineData("dbrx", new[] { "It", "'s", " $", "123", "45", "!!\n\n", " x" })]
    [InlineData("qwen2", new[] { "It", "'s", " $", "1", "2", "3", "4", "5", "!!\n\n", " x" })]
    [InlineData("default", new[] { "It", "'", "s", " ", "$", "123", "45", "!!", "\n\n", " x" })]
    public void Text_is_cut_as_the_named_way_cuts_it(string pre, string[] words)
    {
        Open(GgufBuilder.Llama().Set("tokenizer.ggml.pre", pre)).Dispose();
        using var file = GgufFile.Open(folder.File("small.gguf"));
        var pieces = GgufTokenizer.Read(file.Metadata).Steps.Words(new("It's $12345!!\n\n x", IsFirst: true), new(0));
        Assert.Equal(words, pieces.Select(piece => ByteAlphabet.ToText(ByteAlphabet.ToBytes(piece.Text))));
    }

    [Fact]
    public void A_file_that_doesn_t_name_a_way_takes_llama_cpp_s_default()
    {
        using var checkpoint = Open(GgufBuilder.Llama().Without("tokenizer.ggml.pre"));
        Assert.True(checkpoint.HasTokenizer);
        Assert.Equal([258, 257], checkpoint.Tokenizer.Encode("abc"));
        Assert.Contains("tokenizer.ggml.pre is missing", Assert.Single(checkpoint.Warnings), StringComparison.Ordinal);
        Assert.Equal(checkpoint.Warnings, checkpoint.Tokenizer.Warnings);
        Assert.Contains("warning: ", CliRun.Of("tokens", "--model", folder.File("small.gguf"), "--text", "abc").Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "<|start_header_id|>", "is missing", "other ids than Llama 3's, whose vocabulary it is")]
    [InlineData("default", "<|start_header_id|>", "in the way \"default\"", "its vocabulary is Llama 3's")]
    [InlineData("gpt-2", "<|start_header_id|>", "in the way \"gpt-2\"", "its vocabulary is Llama 3's")]
    [InlineData("default", "<|header_start|> <|eot|>", "in the way \"default\"", "its vocabulary is Llama 4's")]
    [InlineData("gpt-2", "<|im_start|> <repo_name> <jupyter_start>", "in the way \"gpt-2\"", "its vocabulary is SmolLM's")]
    public void A_vocabulary_that_belongs_to_another_way_is_a_warning(string? pre, string tokens, params string[] said)
    {
        using var checkpoint = Open(WithTokens(pre, ["<|begin_of_text|>", .. tokens.Split(' ')]));
        var warning = Assert.Single(checkpoint.Warnings);
        Assert.All(said, part => Assert.Contains(part, warning, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("llama-bpe", "<|start_header_id|>")]
    [InlineData("smaug-bpe", "<|start_header_id|>")]
    [InlineData("smollm", "<|im_start|> <repo_name> <jupyter_start>")]
    [InlineData("qwen2", "<|im_start|> <|object_ref_start|>")]
    [InlineData("default", "<other>")]
    [InlineData("gpt-2", "<other>")]
    public void A_vocabulary_of_the_way_s_own_or_of_nobody_known_is_none(string pre, string tokens)
    {
        using var checkpoint = Open(WithTokens(pre, ["<|begin_of_text|>", .. tokens.Split(' ')]));
        Assert.Empty(checkpoint.Warnings);
    }

    [Fact]
    public void A_kind_that_isn_t_supported_is_said_once_as_a_warning()
    {
        using var checkpoint = Open(GgufBuilder.Llama().Set("tokenizer.ggml.model", "t5"));
        Assert.Contains("tokenizer.ggml.model is \"t5\"", Assert.Single(checkpoint.Warnings), StringComparison.Ordinal);
        using var without = Open(GgufBuilder.Llama().Without("tokenizer.ggml.model"));
        Assert.Empty(without.Warnings);
    }

    /// <summary>The small model whose last byte tokens are others.</summary>
    private static GgufBuilder WithTokens(string? pre, string[] others)
    {
        var gguf = pre is null ? GgufBuilder.Llama().Without("tokenizer.ggml.pre") : GgufBuilder.Llama().Set("tokenizer.ggml.pre", pre);
        var tokens = (string[])gguf.Keys.Single(entry => entry.Key == "tokenizer.ggml.tokens").Value;
        return gguf.Set("tokenizer.ggml.tokens", (string[])[.. tokens[..(200 - others.Length)], .. others, .. tokens[200..]]);
    }

    [Theory, InlineData("llama-bpe"), InlineData("smaug-bpe")]
    public void Llama_3s_texts_get_the_reference_ids(string pre)
    {
        using var stream = new GZipStream(File.OpenRead(TestData.Golden("llama3", "tokenizer.json.gz")), CompressionMode.Decompress);
        var json = JsonNode.Parse(stream)!;
        var ids = json["model"]!["vocab"]!.AsObject().Select(entry => (Token: entry.Key, Id: (int)entry.Value!, Type: 1))
            .Concat(json["added_tokens"]!.AsArray().Select(token => (Token: (string)token!["content"]!, Id: (int)token["id"]!, Type: 3)))
            .OrderBy(entry => entry.Id).ToList();
        var merges = json["model"]!["merges"]!.AsArray().Select(merge => merge is JsonArray pair ? $"{pair[0]} {pair[1]}" : (string)merge!);
        var gguf = GgufBuilder.Llama().Set("tokenizer.ggml.pre", pre).Set("tokenizer.ggml.merges", merges.ToArray())
            .Set("tokenizer.ggml.tokens", ids.Select(entry => entry.Token).ToArray())
            .Set("tokenizer.ggml.token_type", ids.Select(entry => entry.Type).ToArray())
            .Set("tokenizer.ggml.bos_token_id", 128000u);
        if (pre == "llama-bpe") gguf.Without("tokenizer.ggml.add_bos_token"); // its BOS is added unless the file says otherwise
        gguf.Tensors.RemoveAt(0);
        using var checkpoint = Open(gguf.Add("token_embd.weight", "Q8_0", 32, (ulong)ids.Count));
        TokenizerTests.AgreesWith(TokenizerData.Texts(TestData.Golden("oracle", "tokens", "llama3.json")), checkpoint.Tokenizer);
    }

    [Theory]
    [InlineData(true, new[] { 258, 256, 258 })]
    [InlineData(false, new[] { 258, 256 })]
    public void EOS_is_added_where_the_file_says_so(bool add, int[] ids)
    {
        using var checkpoint = Open(GgufBuilder.Llama().Set("tokenizer.ggml.add_eos_token", add).Set("tokenizer.ggml.eos_token_id", 258u));
        Assert.Equal(ids, checkpoint.Tokenizer.Encode("ab"));
    }

    [Fact]
    public void Scores_say_what_is_merged_and_spaces_are_marked()
    {
        using var checkpoint = Open(GgufBuilder.Scored());
        Assert.Empty(checkpoint.Warnings);
        Assert.Equal(["<s>", " ", "abc", " ", "ab", "<s>", " ", "c"], Pieces(checkpoint, "abc ab<s>c"));
        Assert.Equal("abc ab", checkpoint.Tokenizer.Decode(checkpoint.Tokenizer.Encode("abc ab", addSpecialTokens: false)));
    }

    [Theory]
    [InlineData(true, new[] { "<s>", " ", "ab" })]
    [InlineData(false, new[] { "<s>", "ab" })]
    public void A_space_is_put_in_front_unless_the_file_says_otherwise(bool adds, string[] pieces)
    {
        using var checkpoint = Open(GgufBuilder.Scored().Set("tokenizer.ggml.add_space_prefix", adds).Without("tokenizer.ggml.add_bos_token"));
        Assert.Equal(pieces, Pieces(checkpoint, "ab"));
        Assert.Equal("ab", checkpoint.Tokenizer.Decode(checkpoint.Tokenizer.Encode("ab", addSpecialTokens: false)));
    }

    [Theory]
    [InlineData("Phi-3 mini", new[] { "<s>", "ab", "ab" })]
    [InlineData("small", new[] { "<s>", "ab", " ", " ", "ab" })]
    public void Phi_3s_special_tokens_take_the_white_space_behind_them(string name, string[] pieces)
    {
        var types = Enumerable.Repeat(1, GgufBuilder.Vocabulary).ToArray();
        (types[256], types[258]) = (4, 3);
        using var checkpoint = Open(GgufBuilder.Scored().Set("general.name", name).Set("tokenizer.ggml.token_type", types));
        Assert.Equal(pieces, Pieces(checkpoint, "ab ab"));
    }

    [Fact]
    public void A_letter_that_nothing_spells_is_the_unknown_token_where_there_is_one()
    {
        using (var checkpoint = Open(GgufBuilder.Scored().Set("tokenizer.ggml.unknown_token_id", 258u)))
            Assert.Equal([258, 0x20, 258, 0x61], checkpoint.Tokenizer.Encode("中文a"));
        using var without = Open(GgufBuilder.Scored());
        Assert.Contains("can't spell", Assert.Throws<PatchKernelException>(() => without.Tokenizer.Encode("中文a")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tokenizer.ggml.scores", null, "it has no tokenizer.ggml.scores")]
    [InlineData("tokenizer.ggml.scores", new[] { 1f }, "tokenizer.ggml.scores has 1 entries, and tokenizer.ggml.tokens has 259")]
    [InlineData("tokenizer.ggml.scores", new[] { 1 }, "tokenizer.ggml.scores is an array of 1, but it must be an array of float32")]
    public void Scores_that_can_t_be_are_refused_by_their_key(string key, object? value, string said)
    {
        using var checkpoint = Open(value is null ? GgufBuilder.Scored().Without(key) : GgufBuilder.Scored().Set(key, value));
        Assert.Contains(said, Assert.Throws<PatchKernelException>(() => checkpoint.Tokenizer).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tokens_that_fill_up_the_vocabulary_have_no_text()
    {
        var types = Enumerable.Repeat(1, GgufBuilder.Vocabulary).ToArray();
        (types[257], types[258]) = (5, 4);
        using var checkpoint = Open(GgufBuilder.Llama().Set("tokenizer.ggml.token_type", types).Set("tokenizer.ggml.merges", (string[])["a b"]));
        Assert.Equal("<id 257>", checkpoint.Tokenizer.TokenText(257));
        Assert.Equal([258, 256, 99, 258], checkpoint.Tokenizer.Encode("abc<s>"));
    }

    [Theory]
    [InlineData("tokenizer.ggml.model", "t5", "tokenizer.ggml.model is \"t5\", but only gpt2, byte-level BPE, and llama, SentencePiece's, are supported: give token ids instead of texts.")]
    [InlineData("tokenizer.ggml.model", null, "small.gguf' has no tokenizer: give token ids instead of texts.")]
    [InlineData("tokenizer.ggml.pre", "tekken", "tokenizer.ggml.pre is \"tekken\", but only llama-bpe, ")]
    public void A_model_with_another_kind_of_tokenizer_still_takes_ids(string key, string? value, string said)
    {
        var gguf = value is null ? GgufBuilder.Llama().Without(key) : GgufBuilder.Llama().Set(key, value);
        using (var checkpoint = Open(gguf))
        {
            Assert.False(checkpoint.HasTokenizer);
            Assert.Contains(said, Assert.Throws<PatchKernelException>(() => checkpoint.Tokenizer).Message, StringComparison.Ordinal);
        }
        using var model = LanguageModel.Load(folder.File("small.gguf"), device: "cpu");
        Assert.Null(model.Tokenizer);
        Assert.Equal(GgufBuilder.Vocabulary, model.NextTokenLogits([1, 2, 3]).Length);
    }

    public static TheoryData<string, object?, string> Broken { get; } = new()
    {
        { "tokenizer.ggml.token_type", (int[])[1], "tokenizer.ggml.token_type has 1 entries, and tokenizer.ggml.tokens has 259" },
        { "tokenizer.ggml.token_type", "x", "tokenizer.ggml.token_type is \"x\"" },
        { "tokenizer.ggml.merges", (string[])["a x"], "its merges don't fit its vocabulary" },
        { "tokenizer.ggml.merges", null, "it has no tokenizer.ggml.merges" },
        { "tokenizer.ggml.bos_token_id", 259u, "tokenizer.ggml.bos_token_id is 259, which no token has" },
        { "tokenizer.ggml.bos_token_id", null, "it adds a token to every text and has no tokenizer.ggml.bos_token_id" },
        { "tokenizer.ggml.tokens", Enumerable.Repeat("a", GgufBuilder.Vocabulary).ToArray(), "has \"a\" twice, with the ids 0 and 1" },
        { "tokenizer.ggml.tokens", Enumerable.Repeat("", GgufBuilder.Vocabulary).ToArray(), "tokenizer.ggml.tokens is empty" },
    };

    [Theory, MemberData(nameof(Broken))]
    public void A_tokenizer_that_can_t_be_is_refused_by_its_key(string key, object? value, string said)
    {
        using var checkpoint = Open(value is null ? GgufBuilder.Llama().Without(key) : GgufBuilder.Llama().Set(key, value));
        Assert.Contains(said, Assert.Throws<PatchKernelException>(() => checkpoint.Tokenizer).Message, StringComparison.Ordinal);
    }
}
