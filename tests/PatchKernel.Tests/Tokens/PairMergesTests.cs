using System.Diagnostics;
using CsCheck;
using PatchKernel.Tokens;

namespace PatchKernel.Tests;

public sealed class PairMergesTests
{
    [Fact]
    public void Long_words_are_merged_as_the_package_merges_short_ones()
    {
        var merges = new List<(string Left, string Right)>();
        var vocabulary = "abcd".Select((letter, id) => (letter.ToString(), id)).ToDictionary(entry => entry.Item1, entry => entry.id);
        var random = new Random(5);
        while (merges.Count < 60)
        {
            var (left, right) = (vocabulary.Keys.ElementAt(random.Next(vocabulary.Count)), vocabulary.Keys.ElementAt(random.Next(vocabulary.Count)));
            if (left.Length + right.Length > 8 || merges.Contains((left, right))) continue;
            vocabulary.TryAdd(left + right, vocabulary.Count);
            merges.Add((left, right));
        }
        var own = PairMerges.OfPairs("tokenizer.json", vocabulary, merges);
        var encoder = BytePairEncoder.OfWords("tokenizer.json", vocabulary, new(), [.. merges.Select(pair => $"{pair.Left} {pair.Right}")]);
        Gen.Char["abcd"].Array[1, 300].Select(letters => new string(letters)).Sample(word =>
        {
            var (expected, ids) = (new List<int>(), new List<int>());
            encoder.Encode(word, expected, token => token);
            own.Merge([.. word.Select(letter => vocabulary[letter.ToString()])], ids);
            return expected.SequenceEqual(ids);
        });
    }

    [Theory]
    [InlineData("llama2-like")]
    [InlineData("qwen-like")]
    public void A_million_letters_without_a_space_are_no_trouble(string kind)
    {
        var tokenizer = Tokenizer.Load(TokenizerData.KindFile($"{kind}.tokenizer.json"));
        var random = new Random(1);
        var text = string.Create(1_000_000, random, (letters, random) =>
        {
            for (var i = 0; i < letters.Length; i++) letters[i] = "etaoinshr"[random.Next(9)];
        });
        var clock = Stopwatch.StartNew();
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text, addSpecialTokens: false)));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"{clock.Elapsed}"); // 2 s; in a time that grows with the square it took 2 minutes
    }

    [Theory]
    [InlineData("""[["a", "nothing"]]""", "\"nothing\" isn't in it")]
    [InlineData("""[["a", "▁"]]""", "\"a▁\" isn't in it")]
    [InlineData("""[["▁", "\""], ["▁", "\""]]""", "\"▁\" and \"\\\"\" are merged a second time")]
    public void Merges_that_don_t_fit_are_refused(string merges, string why)
    {
        var json = TokenizerData.Kind("llama2-like", json => json["model"]!["merges"] = System.Text.Json.Nodes.JsonNode.Parse(merges));
        Assert.EndsWith($"its merges don't fit its vocabulary ({why}).", Assert.Throws<PatchKernelException>(() => TokenizerData.LoadText(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_line_of_a_merges_file_is_no_merge()
    {
        var tokenizer = TokenizerData.Load(json => json["model"]!["merges"] = new System.Text.Json.Nodes.JsonArray("#version: 0.2", "a b", "ab c"));
        Assert.Equal(TokenizerData.Load().Encode("abcab"), tokenizer.Encode("abcab"));
    }

    [Fact]
    public void A_merge_by_score_takes_the_best_and_of_these_the_leftmost()
    {
        var vocabulary = "a b c ab bc abc".Split(' ').Select((token, id) => (token, id)).ToDictionary(entry => entry.token, entry => entry.id);
        Assert.Equal([0, 4], Merged(-9, -9, -9, -2, -1, -9.5f, "abc", skip: "abc"));
        Assert.Equal([3, 2], Merged(-9, -9, -9, -1, -1, -9.5f, "abc", skip: "abc"));
        Assert.Equal([5], Merged(-9, -9, -9, -2, -1, -9.5f, "abc"));

        List<int> Merged(float a, float b, float c, float ab, float bc, float abc, string word, string? skip = null)
        {
            var ids = new List<int>();
            var known = vocabulary.Where(entry => entry.Key != skip).ToDictionary();
            PairMerges.OfScores(known, [a, b, c, ab, bc, abc]).Merge([.. word.Select(letter => vocabulary[letter.ToString()])], ids);
            return ids;
        }
    }
}
