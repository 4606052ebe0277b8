using System.Text.Json;
using System.Text.Json.Nodes;
using PatchKernel.Json;
using PatchKernel.Tokens;

namespace PatchKernel.Tests;

/// <summary>Pre-tokenizers and decoders by the JSON that names them; expectations are those of the reference implementation.</summary>
public sealed class TextStepTests
{
    [Theory]
    [InlineData("always", true, "Hey  my", true, "▁Hey|▁|▁my")]
    [InlineData("always", false, "Hey  my", true, "▁Hey▁▁my")]
    [InlineData("first", true, "Hey my", true, "▁Hey|▁my")]
    [InlineData("first", true, "Hey my", false, "Hey|▁my")]
    [InlineData("first", false, " Hey my", true, "▁Hey▁my")]
    [InlineData("never", true, "Hey my ", true, "Hey|▁my|▁")]
    [InlineData("never", false, "Hey my", true, "Hey▁my")]
    public void Metaspace_marks_spaces_and_beginnings(string scheme, bool split, string text, bool isFirst, string words) => Assert.Equal(
        words.Split('|'),
        Words($$"""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "{{scheme}}", "split": {{(split ? "true" : "false")}}}""", text, isFirst));

    [Theory]
    [InlineData("""{"type": "Metaspace", "replacement": "_"}""", "a b", "_a|_b")]
    [InlineData("""{"type": "Metaspace", "replacement": "_", "add_prefix_space": true, "str_rep": "_"}""", "a b", "_a|_b")]
    [InlineData("""{"type": "Metaspace", "replacement": "_", "add_prefix_space": false, "prepend_scheme": "never"}""", "a b", "a|_b")]
    [InlineData("""{"type": "Digits"}""", "a12b3", "a|12|b|3")]
    [InlineData("""{"type": "Digits", "individual_digits": true}""", "a12b", "a|1|2|b")]
    [InlineData("""{"type": "WhitespaceSplit"}""", " Hey  man!\u3000x\n", "Hey|man!|x")]
    [InlineData("""{"type": "Whitespace"}""", "Hey man! a_1 🄰--\u0301x e\u0301", "Hey|man|!|a_1|🄰|--|\u0301x|e\u0301")]
    [InlineData("""{"type": "Punctuation"}""", "Hey friend!  How$…", "Hey friend|!|  How|$|…")]
    [InlineData("""{"type": "Punctuation", "behavior": "Contiguous"}""", "a?!b", "a|?!|b")]
    [InlineData("""{"type": "Punctuation", "behavior": "Removed"}""", "a?!b", "a|b")]
    [InlineData("""{"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": false}""", "a b  c", "a |b | |c")]
    [InlineData("""{"type": "Split", "pattern": {"String": " "}, "behavior": "Removed", "invert": true}""", "a b  c", " | | ")]
    [InlineData("""{"type": "Split", "pattern": {"Regex": "\\d{1,3}"}, "behavior": "MergedWithNext", "invert": false}""", "a1234b", "a|123|4b")]
    [InlineData("""{"type": "Split", "pattern": {"Regex": "x*"}, "behavior": "Isolated", "invert": false}""", "abxxc", "a|b|xx|c")]
    [InlineData("""{"type": "Split", "pattern": {"String": ""}, "behavior": "Isolated", "invert": false}""", "a😀b", "a|😀|b")]
    [InlineData("""{"type": "ByteLevel", "add_prefix_space": true, "use_regex": true}""", "a é", "Ġa|ĠÃ©")]
    [InlineData("""{"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}""", "a é", "aĠÃ©")]
    [InlineData("""{"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first"}]}""", "ab cd", "▁ab|cd")]
    [InlineData("""{"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first"}]}""", " ab", "ab")]
    [InlineData("""{"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": "▁"}]}""", " ab cd", "▁ab|▁cd")]
    [InlineData("""{"type": "Sequence", "pretokenizers": []}""", "a b", "a b")]
    public void Text_is_cut_as_the_reference_implementation_cuts_it(string part, string text, string words) => Assert.Equal(words.Split('|'), Words(part, text, isFirst: true));

    [Theory]
    [InlineData("""{"type": "Strip", "strip_left": true, "strip_right": true}""", "  ab cd ", "ab|▁cd")]
    [InlineData("""{"type": "Strip", "strip_left": true, "strip_right": true}""", "ab ", "▁ab")]
    [InlineData("""{"type": "Replace", "pattern": {"String": "a"}, "content": ""}""", "ab cd", "b|▁cd")]
    [InlineData("""{"type": "Replace", "pattern": {"String": "a"}, "content": "b"}""", "ab cd", "▁bb|▁cd")]
    [InlineData("""{"type": "NFC"}""", "e\u0301 b", "▁é|▁b")]
    public void What_follows_a_beginning_that_is_taken_away_isn_t_first(string normalizer, string text, string words)
    {
        var steps = new TextSteps(Read(normalizer, Normalizer.Read), Read("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first"}""", PreTokenizer.Read));
        Assert.Equal(words.Split('|'), steps.Words(steps.Normalize(new(text, IsFirst: true), new(text.Length)), new(text.Length)).Select(word => word.Text));
    }

    [Theory]
    [InlineData("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}""", "▁a|b|▁c", "ab c")]
    [InlineData("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first"}""", "▁▁|▁c", " c")]
    [InlineData("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never"}""", "▁a|▁c", " a c")]
    [InlineData("""{"type": "ByteFallback"}""", "a|<0xC3>|<0xA9>|<0x61>|b", "aéab")]
    [InlineData("""{"type": "ByteFallback"}""", "<0xC3>|<0x61>|b|<0xA9>", "\uFFFD\uFFFDb\uFFFD")]
    [InlineData("""{"type": "ByteFallback"}""", "<0x6>|<0xg1>|<0xaf", "<0x6><0xg1><0xaf")]
    [InlineData("""{"type": "Strip", "content": " ", "start": 1, "stop": 0}""", "  a | b", " a b")]
    [InlineData("""{"type": "Strip", "content": "H", "start": 2, "stop": 1}""", "HHHeyH|Hi|H|", "Heyi")]
    [InlineData("""{"type": "Sequence", "decoders": [{"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 1}]}""", " a | b ", "a  b")]
    [InlineData("""{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}""", "▁a|▁▁", " a  ")]
    [InlineData("""{"type": "ByteLevel"}""", "Ġa|Ã|©|中", " aé中")]
    public void Tokens_are_put_together_as_the_reference_implementation_does_it(string part, string tokens, string text)
    {
        var steps = Read(part, TokenDecoder.Read);
        Assert.Equal(text, string.Concat(steps.Aggregate((IReadOnlyList<string>)tokens.Split('|'), (some, step) => step.Apply(some, new(text.Length)))));
    }

    [Theory]
    [InlineData("qwen-like", "aĠb", "a b")]
    [InlineData("llama2-like", "▁a|▁b", "▁a ▁b")]
    public void Without_a_decoder_bytes_are_shown_as_text_and_other_tokens_with_spaces_between(string kind, string tokens, string text)
    {
        var json = TokenizerData.Kind(kind, json => json["decoder"] = null);
        var vocabulary = JsonNode.Parse(json)!["model"]!["vocab"]!;
        var ids = tokens.Split('|').SelectMany(token => vocabulary[token] is { } id ? [(int)id] : token.Select(letter => (int)vocabulary[letter.ToString()]!));
        Assert.Equal(text, TokenizerData.LoadText(json).Decode(ids));
    }

    private static IEnumerable<string> Words(string part, string text, bool isFirst) =>
        new TextSteps([], Read(part, PreTokenizer.Read)).Words(new(text, isFirst), new(text.Length)).Select(word => word.Text);

    private static IReadOnlyList<T> Read<T>(string part, Func<JsonPart, IReadOnlyList<T>> read)
    {
        using var json = JsonDocument.Parse(part);
        return read(new JsonPart("tokenizer", "tokenizer.json", json.RootElement));
    }
}
