using System.Text.Json;

namespace PatchKernel.Tests.Tokens;

/// <summary>Which tokens stand for a part of a text.</summary>
public sealed class TokenPlacesTests
{
    /// <summary>By the offsets of the reference implementation.</summary>
    [Theory]
    [InlineData("smollm2")]
    [InlineData("llama3")]
    public void A_letter_s_tokens_are_those_that_overlap_it(string name)
    {
        var tokenizer = name == "smollm2" ? TokenizerData.SmolLm2 : TokenizerData.LoadGzipped(TestData.Golden("llama3", "tokenizer.json.gz"));
        var letters = 0;
        foreach (var entry in JsonDocument.Parse(File.ReadAllText(TestData.Golden("oracle", "tokens", $"{name}.json"))).RootElement.EnumerateArray())
        {
            var text = entry.GetProperty("text").GetString()!;
            (int Start, int End)[] offsets = [.. entry.GetProperty("offsets").EnumerateArray().Select(pair => (pair[0].GetInt32(), pair[1].GetInt32()))];
            var length = text.EnumerateRunes().Count();
            foreach (var at in Enumerable.Range(0, length).Where(at => length < 60 || at % 17 == 0))
            {
                int[] expected = [.. offsets.Index().Where(token => token.Item.Start <= at && token.Item.End > at).Select(token => token.Index)];
                Assert.Equal(new TokenSpan(expected[0], expected[^1] + 1), tokenizer.Locate(text, new(at, at + 1), addSpecialTokens: false));
                letters++;
            }
        }
        Assert.True(letters > 3000, $"{letters} letters");
    }

    /// <summary>Where a normalizer rewrites the text, by what the tokens spell.</summary>
    [Theory]
    [InlineData("llama2-like")]
    [InlineData("gemma-like")]
    [InlineData("mistral-like")]
    [InlineData("gpt2-like")]
    [InlineData("neox-like")]
    [InlineData("qwen-like")]
    public void A_word_s_tokens_spell_it(string kind)
    {
        var tokenizer = Tokenizer.Load(TokenizerData.KindFile($"{kind}.tokenizer.json"));
        foreach (var (before, word, after) in new[] { ("", "Paris", " is here"), ("The capital of ", "Afghanistan", " is"), ("a 👩🏽 and ", "naïve", ", and more"), ("  two  ", "ende", "") })
        {
            var text = before + word + after;
            var start = before.EnumerateRunes().Count();
            var span = tokenizer.Locate(text, new(start, start + word.Length));
            var ids = tokenizer.Encode(text);
            // Blanks beside it may be part of its tokens, and nothing else.
            Assert.Equal(word, tokenizer.Decode(ids.Skip(span.Start).Take(span.Length)).Trim());
            Assert.Equal(new TokenSpan(span.Start, ids.Count), tokenizer.Locate(text, new(start, text.EnumerateRunes().Count())));
        }
    }

    [Fact]
    public void A_range_that_the_text_lacks_is_refused()
    {
        foreach (var range in new TextRange[] { new(-1, 2), new(2, 2), new(3, 1), new(0, 6) })
            Assert.Contains("isn't in the text \"a🙂b c\", which has 5 characters", Assert.Throws<PatchKernelException>(() => TokenizerData.SmolLm2.Locate("a🙂b c", range)).Message, StringComparison.Ordinal);
        Assert.Equal(TokenizerData.SmolLm2.Encode("a🙂b c").Count, TokenizerData.SmolLm2.Locate("a🙂b c", new(0, 5)).End);
    }
}
