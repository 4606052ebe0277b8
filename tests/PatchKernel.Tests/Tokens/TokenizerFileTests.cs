using System.Text.Json.Nodes;

namespace PatchKernel.Tests;

public sealed class TokenizerFileTests
{
    [Fact]
    public void A_file_loads_as_well_as_its_folder()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("other.json"), TokenizerData.Json().ToJsonString());
        Assert.Equal([257], Tokenizer.Load(folder.File("other.json")).Encode("abc"));
    }

    [Fact]
    public void A_folder_without_the_file_and_no_folder_at_all_are_told_apart()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(
            $"There is no tokenizer.json in '{folder.Path}': put the checkpoint's own there, or give token ids instead of text.",
            Assert.Throws<PatchKernelException>(() => Tokenizer.Load(folder.Path)).Message);
        Assert.Equal(
            $"There is no folder or file '{folder.File("gone")}' to read a tokenizer from.",
            Assert.Throws<PatchKernelException>(() => Tokenizer.Load(folder.File("gone"))).Message);
    }

    [Theory]
    [InlineData("{\n  \"version\": 1.0,\n  oops", "line 3, column 3")]
    [InlineData("", "line 1, column 1")]
    public void Broken_JSON_is_reported_with_its_line_and_column(string json, string place)
    {
        var message = Assert.Throws<PatchKernelException>(() => TokenizerData.LoadText(json)).Message;
        Assert.Contains($"tokenizer.json' isn't valid JSON at {place}: ", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.type", "\"Unigram\"", "model.type is \"Unigram\", which isn't supported (supported: BPE)")]
    [InlineData("model.dropout", "0.1", "model.dropout is 0.1, which isn't supported (supported: null)")]
    [InlineData("model.continuing_subword_prefix", "\"##\"",
        "model.continuing_subword_prefix is \"##\", which isn't supported (supported: null)")]
    [InlineData("model.end_of_word_suffix", "\"</w>\"", "model.end_of_word_suffix is \"</w>\", which isn't supported (supported: null)")]
    [InlineData("model.sampling", "1", "model.sampling is 1, which isn't supported (supported: without that key)")]
    [InlineData("model.ignore_merges", "1", "model.ignore_merges is 1 where true or false belongs")]
    [InlineData("model.vocab", "{}", "model.vocab is empty")]
    [InlineData("model.vocab", "{\"a\": -1}", "model.vocab.a is -1 where an id belongs")]
    [InlineData("model.vocab", "{\"a\": 1, \"b\": 1}", "id 1 belongs to two tokens, \"a\" and \"b\"")]
    [InlineData("model.vocab", "{\"a\": 2000000000}", "its highest id is 2000000000, and 1048575 is the highest that is believed")]
    [InlineData("model.merges", "[\"a\"]", "its merges don't fit its vocabulary (\"a\" is no pair of tokens)")]
    [InlineData("model.merges", "[[\"a\"]]", "model.merges[0] is [\"a\"] where a pair of tokens belongs")]
    [InlineData("model.merges", "[\"a x\"]", "its merges don't fit its vocabulary (\"ax\" isn't in it)")]
    [InlineData("model.merges", "[\"a b\", \"a b\"]", "its merges don't fit its vocabulary (\"a\" and \"b\" are merged a second time)")]
    [InlineData("version", "\"2.0\"", "version is \"2.0\", which isn't supported (supported: \"1.0\")")]
    [InlineData("truncation", "5", "truncation is 5 where an object belongs")]
    [InlineData("padding", "[]", "padding is [] where an object belongs")]
    [InlineData("normalizer", "{\"type\": \"Nmt\"}", "normalizer.type is \"Nmt\", which isn't supported (supported: NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, ByteLevel, Prepend, Replace, Strip, BertNormalizer, Sequence)")]
    [InlineData("normalizer", "{\"type\": \"NFC\", \"more\": 1}", "normalizer.more is 1, which isn't supported (supported: without that key)")]
    [InlineData("normalizer", "{\"type\": \"Replace\", \"pattern\": {\"String\": \" \"}}", "it has no normalizer.content")]
    [InlineData("normalizer", "{\"type\": \"BertNormalizer\", \"clean_text\": true}", "normalizer.clean_text is true, which isn't supported (supported: false)")]
    [InlineData("chat", "1", "chat is 1, which isn't supported (supported: without that key)")]
    [InlineData("normalizer", "{\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"Precompiled\"}]}", "normalizer.normalizers[0].type is \"Precompiled\", which isn't supported (supported: NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, ByteLevel, Prepend, Replace, Strip, BertNormalizer, Sequence)")]
    [InlineData("decoder", "{\"type\": \"Sequence\", \"decoders\": [{\"type\": \"ByteLevel\"}, {\"type\": \"WordPiece\"}]}",
        "decoder.decoders[1].type is \"WordPiece\", which isn't supported (supported: ByteLevel, Replace, ByteFallback, Fuse, Strip, Metaspace, Sequence)")]
    [InlineData("decoder", "{\"type\": \"Strip\", \"content\": \"ab\", \"start\": 1, \"stop\": 0}", "decoder.content is \"ab\" where one letter belongs")]
    [InlineData("pre_tokenizer", "{\"type\": \"Metaspace\", \"replacement\": \"\"}", "pre_tokenizer.replacement is \"\" where one letter belongs")]
    [InlineData("pre_tokenizer", "{\"type\": \"Metaspace\", \"replacement\": \"_\", \"prepend_scheme\": \"last\"}", "pre_tokenizer.prepend_scheme is \"last\", which isn't supported (supported: always, first, never)")]
    [InlineData("pre_tokenizer", "{\"type\": \"Metaspace\", \"replacement\": \"_\", \"add_prefix_space\": false}", "pre_tokenizer.add_prefix_space is false, but pre_tokenizer.prepend_scheme isn't never")]
    [InlineData("pre_tokenizer", "[]", "pre_tokenizer is [] where an object belongs")]
    [InlineData("pre_tokenizer", "{\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"UnicodeScripts\"}, {\"type\": \"ByteLevel\"}]}",
        "pre_tokenizer.pretokenizers[0].type is \"UnicodeScripts\", which isn't supported (supported: Split, Digits, ByteLevel, Metaspace, Whitespace, WhitespaceSplit, Punctuation, Sequence)")]
    [InlineData("post_processor", "{\"type\": \"BertProcessing\"}",
        "post_processor.type is \"BertProcessing\", which isn't supported (supported: TemplateProcessing, ByteLevel, Sequence)")]
    [InlineData("added_tokens", "[{\"id\": 5, \"content\": \"a\"}]", "added_tokens[0] gives \"a\" the id 5, and model.vocab gives it 97")]
    [InlineData("added_tokens", "[{\"id\": 5, \"content\": \"new\"}]", "id 5 belongs to two tokens, \"ą\" and \"new\"")]
    [InlineData("added_tokens", "[{\"content\": \"new\"}]", "it has no added_tokens[0].id")]
    [InlineData("added_tokens", "[{\"id\": 300, \"content\": \"x1\"}, {\"id\": 301, \"content\": \"x1\"}]",
        "added_tokens[1] adds \"x1\" a second time")]
    public void What_isnt_supported_is_named_with_its_place_and_value(string path, string value, string sentence)
    {
        var message = Assert.Throws<PatchKernelException>(() => TokenizerData.LoadText(WithRaw(path, value))).Message;
        Assert.Contains($"tokenizer.json' can't be used: ", message, StringComparison.Ordinal);
        Assert.EndsWith($"{sentence}.", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.vocab", "{\"a\": 1, \"a\": 2}", "'a'")]
    [InlineData("version", "\"1.0\", \"model\": {}", "'model'")]
    public void A_key_that_comes_twice_is_refused_by_its_name(string path, string value, string name)
    {
        var message = Assert.Throws<PatchKernelException>(() => TokenizerData.LoadText(WithRaw(path, value))).Message;
        Assert.Contains("tokenizer.json' isn't valid JSON", message, StringComparison.Ordinal);
        Assert.Contains(name, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"Regex\": \"\\\\w+\"}", "Isolated",
        "pre_tokenizer.pretokenizers[0].pattern.Regex has a part that isn't supported: '\\w'")]
    [InlineData("{\"Glob\": \"*\"}", "Isolated",
        "pre_tokenizer.pretokenizers[0].pattern.Glob is \"*\", which isn't supported (supported: without that key)")]
    [InlineData("{\"String\": \" \"}", "Kept",
        "[0].behavior is \"Kept\", which isn't supported (supported: Isolated, Removed, Contiguous, MergedWithPrevious, MergedWithNext)")]
    public void A_Split_that_cant_be_followed_exactly_is_refused(string pattern, string behaviour, string sentence)
    {
        var error = Assert.Throws<PatchKernelException>(() => TokenizerData.Load(json => json["pre_tokenizer"] = JsonNode.Parse(
            $$"""
            {"type": "Sequence", "pretokenizers": [
              {"type": "Split", "pattern": {{pattern}}, "behavior": "{{behaviour}}", "invert": false},
              {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]}
            """)));
        Assert.EndsWith($"{sentence}.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_must_hold_one_text_and_known_tokens()
    {
        Fails(TokenizerData.Template(["<x>"], [], ("<x>", 999)), "its post_processor adds the id 999, which no token has.");
        Fails(TokenizerData.Template(["<x>"], []), "it has no post_processor.special_tokens[\"<x>\"].");
        var twice = TokenizerData.Template([], []);
        twice["single"]!.AsArray().Add(twice["single"]![0]!.DeepClone());
        Fails(twice, "(supported: special tokens around one sequence A).");

        static void Fails(JsonNode template, string sentence)
        {
            var error = Assert.Throws<PatchKernelException>(() => TokenizerData.Load(json => json["post_processor"] = template));
            Assert.EndsWith(sentence, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_text_that_isnt_Unicode_is_refused()
    {
        var json = TokenizerData.Json().ToJsonString().Replace("\"abc\"", "\"\\uD800\"", StringComparison.Ordinal);
        var error = Assert.Throws<PatchKernelException>(() => TokenizerData.LoadText(json));
        Assert.EndsWith("it has a text that isn't valid Unicode.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_of_a_Sequence_work_together()
    {
        var tokenizer = TokenizerData.Load(json =>
        {
            json["pre_tokenizer"] = JsonNode.Parse(
                """
                {"type": "Sequence", "pretokenizers": [
                  {"type": "Sequence", "pretokenizers": [
                    {"type": "Digits", "individual_digits": true},
                    {"type": "Split", "pattern": {"String": "b"}, "behavior": "Isolated", "invert": false}]},
                  {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}]}
                """);
            json["post_processor"] = new JsonObject
            {
                ["type"] = "Sequence",
                ["processors"] = new JsonArray(
                    JsonNode.Parse("""{"type": "ByteLevel", "trim_offsets": false}"""), TokenizerData.Template(["<s>"], [], ("<s>", 258))),
            };
        });
        // The split at b keeps the merge "a b" from happening.
        Assert.Equal([258, 0x61, 0x62, 0x63], tokenizer.Encode("abc"));
    }

    [Fact]
    public void A_part_that_is_null_may_as_well_be_absent()
    {
        var tokenizer = TokenizerData.Load(json =>
        {
            string[] optional = ["version", "truncation", "padding", "normalizer", "post_processor", "added_tokens"];
            foreach (var key in optional) json.AsObject().Remove(key);
        });
        Assert.Equal([257], tokenizer.Encode("abc"));
    }

    /// <summary>The small tokenizer's file with one value replaced, as text: a node can't hold a key twice.</summary>
    private static string WithRaw(string path, string value)
    {
        const string mark = "the value goes here";
        var json = TokenizerData.Json(root =>
        {
            var keys = path.Split('.');
            var parent = keys.Length == 1 ? root : root[keys[0]]!;
            parent[keys[^1]] = mark;
        });
        return json.ToJsonString().Replace($"\"{mark}\"", Compact(value), StringComparison.Ordinal);
    }

    /// <summary>Without the white space between, as the error quotes it.</summary>
    private static string Compact(string value) => value.Replace("\": ", "\":", StringComparison.Ordinal);
}
