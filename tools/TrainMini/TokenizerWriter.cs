using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using PatchKernel.Tokens;

namespace PatchKernel.TrainMini;

/// <summary>Writes the model's tokenizer: byte-level BPE without merges, whose vocabulary is whole words.</summary>
internal static class TokenizerWriter
{
    private const string Bos = "<|begin_of_text|>";

    private static readonly int[] BosIds = [0];
    private static readonly string[] BosTokens = [Bos];

    // Llama 3's way to cut text into words, less the English contractions.
    private const string Pattern = @"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The vocabulary's words, special token first: each word that a question, a fact or an answer can hold.</summary>
    public static IReadOnlyList<string> Words(People people)
    {
        var somebody = people.All.Take(3).ToArray();
        var question = new Question(somebody[0], somebody, somebody[1]);
        var texts = Wording.All.Select(wording => wording.Text(question))
            .Concat(people.All.Select(Example.Of).SelectMany(fact => (string[])[fact.Prompt, fact.Answer]));
        return [Bos, .. texts.SelectMany(text => Regex.Matches(text, Pattern).Select(match => match.Value)).Distinct()];
    }

    /// <summary>Writes tokenizer.json, and tokenizer_config.json for transformers.</summary>
    public static void Write(string folder, IReadOnlyList<string> words)
    {
        var byteLevel = new { type = "ByteLevel", add_prefix_space = false, trim_offsets = true, use_regex = false };
        var split = new { type = "Split", pattern = new { Regex = Pattern }, behavior = "Isolated", invert = false };
        var first = new { SpecialToken = new { id = Bos, type_id = 0 } };
        WriteJson(folder, "tokenizer.json", new
        {
            version = "1.0",
            truncation = (object?)null,
            padding = (object?)null,
            added_tokens = new[] { new { id = 0, content = Bos, single_word = false, lstrip = false, rstrip = false, normalized = false, special = true } },
            normalizer = (object?)null,
            pre_tokenizer = new { type = "Sequence", pretokenizers = new object[] { split, byteLevel } },
            post_processor = new
            {
                type = "TemplateProcessing",
                single = new object[] { first, Sequence("A", 0) },
                pair = new object[] { first, Sequence("A", 0), Sequence("B", 1) },
                special_tokens = new Dictionary<string, object> { [Bos] = new { id = Bos, ids = BosIds, tokens = BosTokens } },
            },
            decoder = byteLevel,
            model = new
            {
                type = "BPE",
                dropout = (object?)null,
                unk_token = (object?)null,
                continuing_subword_prefix = (object?)null,
                end_of_word_suffix = (object?)null,
                fuse_unk = false,
                byte_fallback = false,
                ignore_merges = true,
                vocab = words.Select((word, id) => (Word: id == 0 ? word : ByteAlphabet.FromText(word), Id: id)).ToDictionary(entry => entry.Word, entry => entry.Id),
                merges = Array.Empty<string>(),
            },
        });
        WriteJson(folder, "tokenizer_config.json", new { tokenizer_class = "PreTrainedTokenizerFast", bos_token = Bos, clean_up_tokenization_spaces = false });
    }

    /// <summary>Writes a JSON file into the model's folder.</summary>
    public static void WriteJson(string folder, string name, object content) =>
        File.WriteAllText(Path.Combine(folder, name), JsonSerializer.Serialize(content, Indented) + "\n");

    private static object Sequence(string id, int type) => new { Sequence = new { id, type_id = type } };
}
