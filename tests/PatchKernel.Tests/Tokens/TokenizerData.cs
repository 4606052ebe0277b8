using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using PatchKernel.Tokens;

namespace PatchKernel.Tests;

/// <summary>Tokenizers for tests: SmolLM2's from the repository, and small hand-made ones.</summary>
internal static class TokenizerData
{
    private static readonly JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
    private static readonly Lazy<Tokenizer> LazySmolLm2 = new(() => LoadGzipped(TestFile("smollm2.tokenizer.json.gz")));

    /// <summary>A text and what the reference implementation makes of it.</summary>
    public sealed record Reference(string Text, int[] Ids, int[] WithSpecial, string Decoded);

    public static Tokenizer SmolLm2 => LazySmolLm2.Value;

    public static IReadOnlyList<Reference> SmolLm2Texts()
    {
        using var stream = new GZipStream(File.OpenRead(TestFile("smollm2.texts.json.gz")), CompressionMode.Decompress);
        return JsonSerializer.Deserialize<Reference[]>(stream, SnakeCase)!;
    }

    public static IReadOnlyList<Reference> Texts(string path) =>
        JsonSerializer.Deserialize<Reference[]>(File.ReadAllText(path), SnakeCase)!;

    public static Tokenizer LoadGzipped(string path)
    {
        using var folder = new TemporaryFolder();
        using (var stream = new GZipStream(File.OpenRead(path), CompressionMode.Decompress))
        using (var file = File.Create(folder.File("tokenizer.json"))) stream.CopyTo(file);
        return Tokenizer.Load(folder.Path);
    }

    /// <summary>A tokenizer with a token for each byte, "ab", "abc" and one special token, after an edit.</summary>
    public static Tokenizer Load(Action<JsonNode>? edit = null) => LoadText(Json(edit).ToJsonString());

    /// <summary>A tokenizer of whole words without merges, as the mini model's.</summary>
    public static Tokenizer OfWords(params string[] words)
    {
        var vocabulary = new JsonObject { ["<bos>"] = 0 };
        foreach (var word in words) vocabulary[ByteAlphabet.FromText(word)] = vocabulary.Count;
        return Load(json =>
        {
            json["model"]!["ignore_merges"] = true;
            json["model"]!["vocab"] = vocabulary;
            json["model"]!["merges"] = new JsonArray();
            json["added_tokens"] = new JsonArray(Special(0, "<bos>"));
            json["post_processor"] = Template(["<bos>"], [], ("<bos>", 0));
            json["pre_tokenizer"] = JsonNode.Parse("""
                {"type": "Sequence", "pretokenizers": [
                  {"type": "Split", "pattern": {"Regex": " ?\\p{L}+|\\n|[^\\p{L}\\s]| "}, "behavior": "Isolated", "invert": false},
                  {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}]}
                """);
        });
    }

    public static Tokenizer LoadText(string json)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("tokenizer.json"), json);
        return Tokenizer.Load(folder.Path);
    }

    public static JsonNode Json(Action<JsonNode>? edit = null)
    {
        var vocabulary = new JsonObject();
        for (var value = 0; value < 256; value++) vocabulary[ByteLetter(value)] = value;
        vocabulary["ab"] = 256;
        vocabulary["abc"] = 257;
        var json = new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray(Special(258, "<s>")),
            ["normalizer"] = null,
            ["pre_tokenizer"] = JsonNode.Parse("""{"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}"""),
            ["post_processor"] = null,
            ["decoder"] = JsonNode.Parse("""{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}"""),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["ignore_merges"] = false,
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray("a b", "ab c"),
            },
        };
        edit?.Invoke(json);
        return json;
    }

    private static JsonObject Special(int id, string content) => new JsonObject
    {
        ["id"] = id,
        ["content"] = content,
        ["single_word"] = false,
        ["lstrip"] = false,
        ["rstrip"] = false,
        ["normalized"] = false,
        ["special"] = true,
    };

    public static JsonNode Template(string[] before, string[] behind, params (string Token, int Id)[] special)
    {
        JsonNode Piece(string token) => new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = token, ["type_id"] = 0 } };
        var sequence = new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "A", ["type_id"] = 0 } };
        return new JsonObject
        {
            ["type"] = "TemplateProcessing",
            ["single"] = new JsonArray([.. before.Select(Piece), sequence, .. behind.Select(Piece)]),
            ["special_tokens"] = new JsonObject(special.Select(token => KeyValuePair.Create<string, JsonNode?>(token.Token, new JsonObject
            {
                ["id"] = token.Token,
                ["ids"] = new JsonArray(token.Id),
                ["tokens"] = new JsonArray(token.Token),
            }))),
        };
    }

    /// <summary>The letter of one byte, by the definition in GPT-2's code: printable Latin-1 as it is, the others from U+0100 on.</summary>
    public static string ByteLetter(int value)
    {
        static bool Printable(int b) => b is (>= 33 and <= 126) or (>= 161 and <= 172) or (>= 174 and <= 255);
        return ((char)(Printable(value) ? value : 256 + Enumerable.Range(0, value).Count(b => !Printable(b)))).ToString();
    }

    /// <summary>A file of one of the small trained tokenizers.</summary>
    public static string KindFile(string name) => TestFile(Path.Combine("kinds", name));

    /// <summary>One of the small trained tokenizers' JSON, after an edit.</summary>
    public static string Kind(string name, Action<JsonNode> edit)
    {
        var json = JsonNode.Parse(File.ReadAllText(KindFile($"{name}.tokenizer.json")))!;
        edit(json);
        return json.ToJsonString();
    }

    private static string TestFile(string name) => TestData.InRepository("tests", "PatchKernel.Tests", "Data", "tokens", name);
}
