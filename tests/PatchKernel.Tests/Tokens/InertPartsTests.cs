namespace PatchKernel.Tests;

/// <summary>Parts of a tokenizer.json that change no id.</summary>
public sealed class InertPartsTests
{
    private const string ByteLevel = """{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}""";

    [Theory]
    [InlineData("truncation", """{"direction": "Right", "max_length": 2, "strategy": "LongestFirst", "stride": 0}""")]
    [InlineData("padding", """{"strategy": {"Fixed": 8}, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0, "pad_type_id": 0, "pad_token": "<s>"}""")]
    [InlineData("normalizer", """{"type": "Sequence", "normalizers": []}""")]
    [InlineData("normalizer", """{"type": "Sequence", "normalizers": [{"type": "Sequence", "normalizers": []}, {"type": "Prepend", "prepend": ""}]}""")]
    [InlineData("normalizer", """{"type": "Strip", "strip_left": false, "strip_right": false}""")]
    [InlineData("normalizer", """{"type": "Replace", "pattern": {"String": " "}, "content": " "}""")]
    [InlineData("normalizer", """{"type": "BertNormalizer", "clean_text": false, "handle_chinese_chars": false, "strip_accents": null, "lowercase": false}""")]
    [InlineData("decoder", "null")]
    [InlineData("decoder", null)]
    [InlineData("decoder", $$"""{"type": "Sequence", "decoders": [{{ByteLevel}}]}""")]
    [InlineData("decoder", $$"""{"type": "Sequence", "decoders": [{"type": "Sequence", "decoders": [{{ByteLevel}}]}, {"type": "Fuse"}]}""")]
    [InlineData("model.type", null)]
    [InlineData("pre_tokenizer", $$"""{"type": "Sequence", "pretokenizers": [{"type": "Sequence", "pretokenizers": []}, {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}]}""")]
    [InlineData("post_processor", """{"type": "Sequence", "processors": [{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}], "pair": [], "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]}}}]}""")]
    public void Are_passed(string path, string? json)
    {
        using var model = new BytesModel();
        var before = Tokenizer.Load(model.Path);
        model.Edit(path, json);
        Assert.Empty(model.Warnings());
        var after = Tokenizer.Load(model.Path);
        foreach (var text in new[] { "hi", " hi there\n", "<s>a</s> b", "näïve 日本 é" })
        {
            Assert.Equal(before.Encode(text), after.Encode(text));
            Assert.Equal(text, after.Decode(after.Encode(text, addSpecialTokens: false)));
        }
    }

    [Theory]
    [InlineData("null")]
    [InlineData("""{"type": "Sequence", "processors": []}""")]
    public void A_template_without_anything_adds_nothing(string json)
    {
        using var model = new BytesModel();
        model.Edit("post_processor", json);
        Assert.Equal([258], Tokenizer.Load(model.Path).Encode("hi"));
    }

    [Fact]
    public void A_model_without_a_type_and_without_merges_is_refused()
    {
        using var model = new BytesModel();
        model.Edit("model.type", null).Edit("model.merges", null);
        Assert.EndsWith("it has no model.type.", Assert.Throws<PatchKernelException>(() => Tokenizer.Load(model.Path)).Message, StringComparison.Ordinal);
    }
}
