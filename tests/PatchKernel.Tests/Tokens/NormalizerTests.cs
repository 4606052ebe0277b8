using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using PatchKernel.Json;
using PatchKernel.Tokens;

namespace PatchKernel.Tests;

/// <summary>Expectations are those of the reference implementation.</summary>
public sealed class NormalizerTests
{
    [Theory]
    [InlineData("""{"type": "NFC"}""", "e\u0301 ﬁ \u212B \u1112\u1161\u11AB", "é ﬁ Å 한")]
    [InlineData("""{"type": "NFD"}""", "é ﬁ 한 \u1E69", "e\u0301 ﬁ \u1112\u1161\u11AB s\u0323\u0307")]
    [InlineData("""{"type": "NFKC"}""", "ﬁ ½ Ⅷ ﷺ ① e\u0301", "fi 1\u20442 VIII صلى الله عليه وسلم 1 é")]
    [InlineData("""{"type": "NFKD"}""", "ﬁé\u00A0Å", "fie\u0301 A\u030A")]
    [InlineData("""{"type": "NFC"}""", "a\u0300\u0327", "\u00E0\u0327")]
    [InlineData("""{"type": "NFC"}""", "a\u0327\u0300", "\u00E0\u0327")]
    [InlineData("""{"type": "NFC"}""", "\u0915\u093C\uFFFEe\u0301", "\u0915\u093C\uFFFEé")] // a pair that is never composed; and .NET refuses U+FFFE
    [InlineData("""{"type": "Lowercase"}""", "ÀΑΣ İ ẞ Ǆ \U00010400", "àασ i\u0307 ß ǆ \U00010428")]
    [InlineData("""{"type": "StripAccents"}""", "e\u0301é\u0903x", "eéx")]
    [InlineData("""{"type": "ByteLevel"}""", "é a", "Ã©Ġa")]
    [InlineData("""{"type": "Prepend", "prepend": "▁"}""", "a", "▁a")]
    [InlineData("""{"type": "Prepend", "prepend": "▁"}""", "", "")]
    [InlineData("""{"type": "Replace", "pattern": {"String": "aa"}, "content": "$0b"}""", "aaab", "$0bab")]
    [InlineData("""{"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": "_"}""", " a  b\n", "_a_b_")]
    [InlineData("""{"type": "Replace", "pattern": {"Regex": "x*"}, "content": "-"}""", "abxc", "-a-b-c-")]
    [InlineData("""{"type": "Replace", "pattern": {"String": ""}, "content": "-"}""", "a\U0001F600", "-a-\U0001F600-")]
    [InlineData("""{"type": "Replace", "pattern": {"String": ""}, "content": "-"}""", "", "")]
    [InlineData("""{"type": "Strip", "strip_left": true, "strip_right": true}""", "\u2028 a \u3000", "a")]
    [InlineData("""{"type": "Strip", "strip_left": false, "strip_right": true}""", " a ", " a")]
    [InlineData("""{"type": "Strip", "strip_left": true, "strip_right": false}""", " a ", "a ")]
    [InlineData("""{"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "StripAccents"}, {"type": "Lowercase"}]}""", "ÉÀ", "ea")]
    public void A_text_becomes_what_the_reference_implementation_makes_of_it(string part, string text, string normal) =>
        Assert.Equal(normal, Steps(part).Normalize(new(text, IsFirst: true), new(text.Length)).Text);

    [Fact]
    public void Normal_forms_of_any_text_stay_as_they_are_and_agree_with_one_another()
    {
        var rune = Gen.OneOf<int>(Gen.Int[0x41, 0x24F], Gen.Int[0x300, 0x36F], Gen.Int[0x900, 0xDFF], Gen.Int[0x1100, 0x11FF], Gen.Int[0xAC00, 0xD7A3], Gen.Int[0xF900, 0xFFFD], Gen.Int[0x10000, 0x2FA1D]);
        rune.Select(char.ConvertFromUtf32).Array[0, 12].Select(string.Concat).Sample(text =>
        {
            var (c, d) = (UnicodeForms.Normalize(text, NormalizationForm.FormC), UnicodeForms.Normalize(text, NormalizationForm.FormD));
            var (kc, kd) = (UnicodeForms.Normalize(text, NormalizationForm.FormKC), UnicodeForms.Normalize(text, NormalizationForm.FormKD));
            return UnicodeForms.Normalize(c, NormalizationForm.FormC) == c && UnicodeForms.Normalize(d, NormalizationForm.FormC) == c
                && UnicodeForms.Normalize(c, NormalizationForm.FormD) == d && UnicodeForms.Normalize(kd, NormalizationForm.FormKC) == kc
                && UnicodeForms.Normalize(d, NormalizationForm.FormKD) == kd && UnicodeForms.Normalize(kc, NormalizationForm.FormKD) == kd;
        });
    }

    [Fact]
    public void A_letter_with_a_hundred_thousand_marks_is_sorted_as_fast_as_any_text()
    {
        var marks = string.Concat(Enumerable.Range(0, 50_000).Select(_ => "\u0301\u0327"));
        var clock = Stopwatch.StartNew();
        Assert.Equal($"á{new string('\u0327', 50_000)}{new string('\u0301', 49_999)}", UnicodeForms.Normalize($"a{marks}", NormalizationForm.FormC));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"{clock.Elapsed}"); // a quadratic sort takes minutes
    }

    [Fact]
    public void Steps_that_may_make_a_text_thousands_of_times_as_long_are_refused()
    {
        var doubling = string.Join(',', Enumerable.Repeat("""{"type": "Replace", "pattern": {"String": "a"}, "content": "aa"}""", 12));
        var error = Assert.Throws<PatchKernelException>(() => TokenizerData.Load(json => json["normalizer"] = JsonNode.Parse($$"""{"type": "Sequence", "normalizers": [{{doubling}}]}""")));
        Assert.Contains("its normalizer and pre_tokenizer may make a text 1.2E+04 times as long, and 1000 is the most that is believed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Added_tokens_are_found_as_the_normalizer_writes_them_and_decoded_so()
    {
        var tokenizer = TokenizerData.LoadText(TokenizerData.Kind("mistral-like", json =>
        {
            json["normalizer"] = JsonNode.Parse("""{"type": "Sequence", "normalizers": [{"type": "Lowercase"}, {"type": "Prepend", "prepend": "▁"}]}""");
            json["pre_tokenizer"] = null;
            json["added_tokens"]!.AsArray().Add(JsonNode.Parse(
                """{"id": 702, "content": "ABC", "single_word": false, "lstrip": false, "rstrip": false, "normalized": true, "special": false}"""));
        }));
        Assert.Equal([702], tokenizer.Encode("abc", addSpecialTokens: false));
        Assert.Equal([1, 702], tokenizer.Encode("<s>ABC", addSpecialTokens: false));
        Assert.DoesNotContain(702, tokenizer.Encode("xABC"));
        Assert.Equal("abc", tokenizer.Decode([702]));
        Assert.Equal("ABC", tokenizer.TokenText(702));
    }

    [Fact]
    public void Added_tokens_that_become_the_same_are_refused()
    {
        var error = Assert.Throws<PatchKernelException>(() => TokenizerData.Load(json =>
        {
            json["normalizer"] = JsonNode.Parse("""{"type": "Lowercase"}""");
            json["added_tokens"] = JsonNode.Parse("""[{"id": 300, "content": "<A>", "normalized": true}, {"id": 301, "content": "<a>", "normalized": true}]""");
        }));
        Assert.EndsWith("its normalizer makes the same text of two added tokens, \"<A>\" and \"<a>\".", error.Message, StringComparison.Ordinal);
    }

    private static TextSteps Steps(string part)
    {
        using var json = JsonDocument.Parse(part);
        return new(Normalizer.Read(new JsonPart("tokenizer", "tokenizer.json", json.RootElement)), []);
    }
}
