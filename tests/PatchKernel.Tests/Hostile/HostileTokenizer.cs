using System.Text;
using System.Text.Json.Nodes;

namespace PatchKernel.Tests.Hostile;

/// <summary>Tokenizers to change, and what holds of one that loads.</summary>
internal static class HostileTokenizer
{
    /// <summary>A tokenizer's file, and texts that it can spell.</summary>
    public static (byte[] File, string[] Texts) Of(string kind) => kind switch
    {
        _ when File.Exists(TokenizerData.KindFile($"{kind}.tokenizer.json")) => (File.ReadAllBytes(TokenizerData.KindFile($"{kind}.tokenizer.json")), General),
        "words" => (File.ReadAllBytes(TestData.InRepository("models", "mini", "tokenizer.json")), ["Q: Albert Einstein, Isaac Newton.\nA:", " Brad Pitt"]),
        "bytes" => (Bytes(TokenizerData.Json(json => json["post_processor"] = TokenizerData.Template(["<s>"], [], ("<s>", 258)))), General),
        _ => (Bytes(TokenizerData.Json(json =>
        {
            json["post_processor"] = TokenizerData.Template(["<s>"], [], ("<s>", 258));
            json["pre_tokenizer"] = JsonNode.Parse(
                """
                {"type": "Sequence", "pretokenizers": [
                  {"type": "Split", "pattern": {"Regex": "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|\\s+(?!\\S)|\\s+"}, "behavior": "Isolated", "invert": false},
                  {"type": "Digits", "individual_digits": true},
                  {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]}
                """);
        })), General),
    };

    private static string[] General => ["abc ab\n  <s> don't 123", "Ünï \U0001F600 \u200d x<s>", $"{new string('a', 2000)}!c", "", string.Concat(Enumerable.Repeat("word 12 ", 200))];

    /// <summary>Ids have tokens and spell the text; they are those from before where the file says the same.</summary>
    public static void Check(string path, string[] texts, IReadOnlyList<int>[] before, byte[] good)
    {
        var tokenizer = Tokenizer.Load(path);
        var json = File.ReadAllText(path);
        var same = Same(JsonNode.Parse(json), JsonNode.Parse(good));
        var steps = Spells(json, good);
        for (var i = 0; i < texts.Length; i++)
        {
            var ids = tokenizer.Encode(texts[i]);
            Assert.All(ids, id => Assert.InRange(id, 0, tokenizer.VocabularySize - 1));
            if (same) Assert.Equal(before[i], ids);
            // Where the steps are as they were, the ids spell the text, but for white space that some tokens take away, and for letters that another vocabulary doesn't know.
            var spelled = tokenizer.Decode(tokenizer.Encode(texts[i], addSpecialTokens: false));
            if (steps && !spelled.Contains("<unk>", StringComparison.Ordinal)) Assert.Equal(Letters(texts[i]), Letters(spelled));
        }
        Assert.NotEmpty(tokenizer.ToString());
    }

    private static bool Spells(string json, byte[] good)
    {
        var (now, before) = (JsonNode.Parse(json)!, JsonNode.Parse(good)!);
        string[] parts = ["normalizer", "pre_tokenizer", "decoder"];
        return parts.All(part => Same(now[part], before[part])) && !json.Contains("Removed", StringComparison.Ordinal);
    }

    /// <summary>Whether two files say the same; a text with half a character, which nothing has to read, is another one.</summary>
    private static bool Same(JsonNode? one, JsonNode? other)
    {
        try
        {
            return JsonNode.DeepEquals(one, other);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static string Letters(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));

    private static byte[] Bytes(JsonNode json) => Encoding.UTF8.GetBytes(json.ToJsonString());
}
