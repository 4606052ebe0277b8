using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PatchKernel.Tokens;

namespace PatchKernel.Tests.Hostile;

/// <summary>Files that once did harm: crashed, hung, took memory without bound, or passed for a model and gave no numbers.</summary>
[Collection(nameof(Alone))]
public sealed class FoundTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private string Refused(string json, string text = "abc")
    {
        var path = folder.File("tokenizer.json");
        File.WriteAllText(path, json);
        return Trial.Refusal(path, json.Length, () => Tokenizer.Load(path).Encode(text)) ?? throw new InvalidOperationException("It loads.");
    }

    private static string With(string key, JsonNode value) => TokenizerData.Json(json => json[key] = value).ToJsonString();

    private static JsonObject Split(string pattern) => new JsonObject
    {
        ["type"] = "Sequence",
        ["pretokenizers"] = new JsonArray(
            new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = pattern }, ["behavior"] = "Isolated" },
            JsonNode.Parse("""{"type": "ByteLevel", "use_regex": false, "add_prefix_space": false}""")!),
    };

    [Theory]
    [InlineData("(?:a|aa)+[ab]c")]
    [InlineData("(?:a|a?)+[ab]c")]
    [InlineData(@"\p{L}*[a-z]*\p{L}*[a-z]*\p{L}*[a-z]*[ab]c")]
    public void A_pattern_that_tries_every_way_through_a_text_is_given_up(string pattern) => Assert.EndsWith(
        "one of its patterns tries so many ways through a text that cutting it into words doesn't end; take another file.",
        Refused(With("pre_tokenizer", Split(pattern)), $"{new string('a', 2000)}!c"), StringComparison.Ordinal);

    [Fact]
    public void A_pattern_that_doesn_t_end_on_an_added_token_is_given_up_too() => Assert.EndsWith(
        "one of its patterns tries so many ways through a text that cutting it into words doesn't end; take another file.",
        Refused(TokenizerData.Json(json =>
        {
            json["normalizer"] = JsonNode.Parse("""{"type": "Replace", "pattern": {"Regex": "(?:a|a?)+[ab]c"}, "content": "x"}""");
            json["added_tokens"] = new JsonArray(new JsonObject { ["id"] = 300, ["content"] = $"{new string('a', 2000)}!c", ["normalized"] = true });
        }).ToJsonString()), StringComparison.Ordinal);

    [Fact]
    public void Patience_is_for_the_whole_text_and_not_for_each_match()
    {
        var clock = new ManualClock();
        var text = new string('a', 100_000); // two seconds, and one for its length
        using var matches = SplitPattern.FromRegex("a").Matches(text, new Patience(text.Length, clock)).GetEnumerator();
        Assert.True(matches.MoveNext());
        clock.Now = TimeSpan.FromSeconds(2.9);
        Assert.True(matches.MoveNext());
        clock.Now = TimeSpan.FromSeconds(3.1);
        Assert.Throws<RegexMatchTimeoutException>(() => matches.MoveNext());
    }

    [Fact]
    public void Thousands_of_steps_are_refused_that_would_nest_as_deep()
    {
        var steps = string.Join(',', Enumerable.Repeat("""{"type": "Digits"}""", 30_000).Append("""{"type": "ByteLevel"}"""));
        Assert.EndsWith(
            "pre_tokenizer has more than 32 steps.", Refused(With("pre_tokenizer", JsonNode.Parse($$"""{"type": "Sequence", "pretokenizers": [{{steps}}]}""")!)), StringComparison.Ordinal);
    }

    [Fact]
    public void Thousands_of_tokens_around_every_text_are_refused()
    {
        var template = TokenizerData.Template(["<s>"], [], ("<s>", 258));
        template["special_tokens"]!["<s>"]!["ids"] = new JsonArray([.. Enumerable.Repeat(258, 100_000).Select(id => (JsonNode)id)]);
        Assert.Contains("has 100000 entries, and 64 are the most that is believed", Refused(With("post_processor", template)), StringComparison.Ordinal);
    }

    [Fact]
    public void More_tokens_than_any_vocabulary_s_are_refused()
    {
        var model = TokenizerData.Json()["model"]!.DeepClone();
        model["vocab"] = new JsonObject(Enumerable.Range(0, 300_000).Select(i => KeyValuePair.Create(FormattableString.Invariant($"{i}"), (JsonNode?)i)));
        Assert.Contains("model.vocab has 300000 entries, and 262144 are the most that is believed", Refused(With("model", model)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0,")]
    [InlineData("[],")]
    [InlineData("\"\",")]
    public void More_values_than_any_file_s_are_refused_before_they_are_kept(string value) => Assert.Contains(
        "has more values than are believed", Refused($"[{string.Concat(Enumerable.Repeat(value, 10_000_000))}0]"), StringComparison.Ordinal);

    [Fact]
    public void What_an_error_shows_of_a_token_is_one_short_line()
    {
        var name = $"\u001b[31m\n{new string('x', 1_000_000)}";
        var message = Refused(With("added_tokens", new JsonArray(new JsonObject { ["id"] = 97, ["content"] = name })));
        Assert.Contains("id 97 belongs to two tokens, \"a\" and \"\\u001b[31m xxx", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_text_to_split_at_cuts_no_character_in_two()
    {
        var split = Split("");
        split["pretokenizers"]![0]!["pattern"] = new JsonObject { ["String"] = "" };
        var tokenizer = TokenizerData.Load(json => json["pre_tokenizer"] = split);
        Assert.Equal("a\U0001F600b", tokenizer.Decode(tokenizer.Encode("a\U0001F600b")));
    }

    [Theory]
    [InlineData("""{"rope_theta": 1e-40}""")]
    [InlineData("""{"rope_theta": 1e39}""")]
    [InlineData("""{"rope_theta": 0.5}""")]
    [InlineData("""{"rope_scaling": {"rope_type": "linear", "factor": 1e-40}}""")]
    [InlineData("""{"rope_scaling": {"rope_type": "llama3", "factor": 8, "low_freq_factor": 1e-40, "high_freq_factor": 4, "original_max_position_embeddings": 64}}""")]
    [InlineData("""{"rms_norm_eps": 1e-60}""")]
    public void Constants_whose_results_are_no_numbers_are_refused(string keys)
    {
        var config = CheckpointFolder.SmallConfig();
        foreach (var (key, value) in JsonNode.Parse(keys)!.AsObject()) config[key] = value!.DeepClone();
        using var checkpoint = new CheckpointFolder();
        checkpoint.WriteConfig(config);
        Assert.Matches("is [0-9.e-]+ where a number (above 0|from 1) belongs", checkpoint.Refusal());
    }
}
