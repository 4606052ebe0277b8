namespace PatchKernel.Tests;

/// <summary>The small files beside tokenizer.json.</summary>
public sealed class SettingsTests : IDisposable
{
    private readonly BytesModel model = new();

    public void Dispose() => model.Dispose();

    private IReadOnlyList<int> Ids(string text) => Tokenizer.Load(model.Path).Encode(text);

    private static void Says(IEnumerable<string> warnings, params string[] parts)
    {
        var warning = Assert.Single(warnings);
        Assert.All(parts, part => Assert.Contains(part, warning, StringComparison.Ordinal));
    }

    [Fact]
    public void Files_that_agree_are_no_reason_to_warn()
    {
        model.With("tokenizer_config.json", """
            {"add_bos_token": true, "add_eos_token": false, "bos_token": "<s>", "eos_token": {"content": "</s>", "lstrip": false}, "pad_token": null,
             "add_prefix_space": false, "tokenizer_class": "PreTrainedTokenizerFast",
             "added_tokens_decoder": {"0": {"content": "<s>", "special": true}, "1": {"content": "</s>", "special": true}}}
            """).With("generation_config.json", """{"bos_token_id": 0, "eos_token_id": [1, 2]}""")
            .With("special_tokens_map.json", """{"bos_token": "<s>"}""").With("added_tokens.json", """{"<s>": 0}""");
        Assert.Empty(model.Warnings());
        Assert.Equal([0, 258], Ids("hi"));
    }

    [Fact]
    public void A_BOS_that_the_template_lacks_is_not_added_and_is_a_warning()
    {
        model.WithoutBos().With("tokenizer_config.json", """{"add_bos_token": true, "bos_token": "<s>"}""");
        Says(model.Warnings(), "says add_bos_token true", "template adds none", "transformers 4");
        Assert.Equal([258], Ids("hi"));
    }

    [Fact]
    public void A_BOS_that_only_the_template_has_stays_and_is_a_warning()
    {
        model.With("tokenizer_config.json", """{"add_bos_token": false, "bos_token": "<s>"}""");
        Says(model.Warnings(), "says add_bos_token false", "template adds \"<s>\" (0)");
        Assert.Equal([0, 258], Ids("hi"));
    }

    [Theory]
    [InlineData("""{"add_eos_token": true, "eos_token": "</s>"}""", "says add_eos_token true")]
    [InlineData("""{"bos_token": "</s>"}""", "calls \"</s>\" bos_token, and tokenizer.json's template adds \"<s>\" (0)")]
    [InlineData("""{"add_prefix_space": true}""", "says add_prefix_space true, and tokenizer.json adds no space")]
    [InlineData("""{"split_special_tokens": true}""", "says split_special_tokens true")]
    [InlineData("""{"fast_tokenizer_files": ["tokenizer.json", "tokenizer.5.0.0.json"]}""", "names tokenizer.5.0.0.json")]
    [InlineData("""{"tokenizer_class": "LlamaTokenizerFast"}""", "names the class LlamaTokenizerFast")]
    [InlineData("""{"added_tokens_decoder": {"7": {"content": "</s>", "special": true}}}""", "gives \"</s>\" other ids than tokenizer.json")]
    [InlineData("""{"added_tokens_decoder": {"1": {"content": "</s>", "lstrip": true}}}""", "other switches (single_word, lstrip, rstrip) for \"</s>\"")]
    [InlineData("""{"pad_token": "<pad>"}""", "names \"<pad>\", which tokenizer.json doesn't have")]
    [InlineData("""{"add_bos_token": "yes"}""", "add_bos_token is \"yes\" where true or false belongs; what it says of the tokenizer after that is left aside")]
    [InlineData("""{"add_bos_token": true""", "tokenizer_config.json' isn't valid JSON")]
    [InlineData("[]", "tokenizer_config.json' isn't a JSON object; what it says")]
    public void What_contradicts_tokenizer_json_is_a_warning(string config, string said)
    {
        model.With("tokenizer_config.json", config);
        Says(model.Warnings(), said);
        Assert.Equal([0, 258], Ids("hi"));
    }

    [Theory]
    [InlineData("""{"bos_token_id": 1}""", "says bos_token_id 1, and tokenizer.json's template adds \"<s>\" (0)")]
    [InlineData("""{"eos_token_id": [5, 6]}""", "says eos_token_id 5, 6, and the files of the tokenizer call \"</s>\" (1) so")]
    public void Ids_for_generating_are_compared_too(string generation, string said)
    {
        model.With("generation_config.json", generation).With("special_tokens_map.json", """{"eos_token": "</s>"}""");
        Says(model.Warnings(), said);
    }

    [Fact]
    public void GPT2Tokenizer_is_a_warning_where_the_file_has_a_pattern_of_its_own()
    {
        model.With("tokenizer_config.json", """{"tokenizer_class": "GPT2Tokenizer"}""");
        Assert.Empty(model.Warnings());
        model.Edit("pre_tokenizer", """
            {"type": "Sequence", "pretokenizers": [
              {"type": "Split", "pattern": {"Regex": "\\p{N}{1,3}"}, "behavior": "Isolated", "invert": false},
              {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}]}
            """);
        Says(model.Warnings(), "names the class GPT2Tokenizer");
    }

    [Fact]
    public void Tokens_that_only_the_config_adds_are_found_in_texts_with_ids_as_tokenizers_gives_them()
    {
        // 259 entries: a new token gets 259, whatever id the file says; one that is in the vocabulary keeps its id.
        model.With("tokenizer_config.json", """
            {"added_tokens_decoder": {"400": {"content": "<b>", "special": true}, "300": {"content": "<a>", "special": true}, "0": {"content": "<s>", "special": true}},
             "pad_token": "<pad>", "extra_special_tokens": ["hi"]}
            """);
        Assert.Equal([0, 259, 260, 261, 258, 107], Ids("<a><b><pad>hii"));
        Says(model.Warnings().Where(warning => warning.Contains("doesn't have", StringComparison.Ordinal)), "\"<a>\", \"<b>\", \"<pad>\", \"hi\"");
    }

    [Fact]
    public void Switches_of_the_config_count()
    {
        model.With("tokenizer_config.json", """{"added_tokens_decoder": {"1": {"content": "</s>", "lstrip": true, "rstrip": true, "special": true}}}""");
        Assert.Equal([0, 258, 1, 258], Ids("hi </s>  hi"));
    }

    [Fact]
    public void The_older_files_count_only_without_added_tokens_decoder()
    {
        model.With("special_tokens_map.json", """{"additional_special_tokens": ["<x>", {"content": "<y>", "rstrip": true}]}""").With("added_tokens.json", """{"<z>": 300}""");
        Assert.Equal([0, 259, 260, 261, 258], Ids("<z><x><y> hi"));
        Assert.Equal(2, model.Warnings().Count);

        model.With("tokenizer_config.json", """{"added_tokens_decoder": {"0": {"content": "<s>", "special": true}}}""");
        Assert.Empty(model.Warnings());
        Assert.DoesNotContain(259, Ids("<x>"));
    }

    [Fact]
    public void A_file_that_is_given_by_its_own_name_stands_alone()
    {
        model.With("tokenizer_config.json", """{"add_bos_token": false, "pad_token": "<pad>"}""");
        var tokenizer = Tokenizer.Load(model.File("tokenizer.json"));
        Assert.Empty(tokenizer.Warnings);
        Assert.DoesNotContain(259, tokenizer.Encode("<pad>"));
    }

    [Theory]
    [InlineData("AA== 0\nAQ== 1\n", "only a tokenizer.model in Llama 3's own format", "save_pretrained")]
    [InlineData("\n\u000e\n\u0005<unk>\u0015\0\0", "only a tokenizer.model in SentencePiece's format: in Python, AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)", "token ids")]
    public void A_tokenizer_model_alone_is_named(string content, params string[] said)
    {
        File.Delete(model.File("tokenizer.json"));
        model.With("tokenizer.model", content);
        NamesWhatIsThere(said);
    }

    [Fact]
    public void A_vocabulary_and_merges_alone_are_named()
    {
        File.Delete(model.File("tokenizer.json"));
        model.With("vocab.json", "{}").With("merges.txt", "#version: 0.2\n");
        NamesWhatIsThere("only vocab.json and merges.txt", "save_pretrained(FOLDER) of transformers writes a tokenizer.json from them", "token ids");
    }

    private void NamesWhatIsThere(params string[] said)
    {
        using var checkpoint = Checkpoint.Open(model.Path);
        Assert.Empty(checkpoint.Warnings);
        foreach (var load in (Func<object>[])[() => checkpoint.Tokenizer, () => Tokenizer.Load(model.Path)])
            Says([Assert.Throws<PatchKernelException>(load).Message], said);
    }

    [Fact]
    public void The_command_says_it_in_tokens_in_check_and_before_a_sweep()
    {
        model.WithoutBos().With("tokenizer_config.json", """{"add_bos_token": true, "bos_token": "<s>"}""");
        string[] pair = ["--model", model.Path, "--clean", "hi a", "--corrupt", "hi b", "--targets", "x", "y"];
        foreach (var run in new[]
        {
            CliRun.Of("tokens", "--model", model.Path, "--text", "hi"),
            CliRun.Of(["check", .. pair]),
            CliRun.Of(["sweep", "--html", model.File("x.html"), .. pair]),
            CliRun.Of("predict", "--model", model.Path, "--ids", "5,6"),
        })
        {
            run.Success();
            Says(run.Error.Split('\n').Where(line => line.StartsWith("warning: '", StringComparison.Ordinal)), "says add_bos_token true");
        }
    }

    [Theory]
    [InlineData("llama2-like", 0)]
    [InlineData("mistral-like", 0)]
    [InlineData("gpt2-like", 1)]
    public void A_class_that_marks_spaces_is_no_surprise_where_the_file_marks_them_too(string kind, int warnings)
    {
        using var folder = new TemporaryFolder();
        File.Copy(TokenizerData.KindFile($"{kind}.tokenizer.json"), folder.File("tokenizer.json"));
        File.WriteAllText(folder.File("tokenizer_config.json"), $$"""{"tokenizer_class": "LlamaTokenizer", "add_prefix_space": {{(warnings == 0 ? "true" : "false")}}}""");
        Assert.Equal(warnings, Tokenizer.Load(folder.Path).Warnings.Count);
    }
}
