using System.Text.Json;
using PatchKernel.Json;
using PatchKernel.Text;

namespace PatchKernel.Tokens;

/// <summary>Reads the parts of a tokenizer.json; a part that isn't supported and would change the ids is an error that names it.</summary>
internal static class TokenizerParts
{
    private const int MostSteps = 32;
    private const int MostAround = 64;

    /// <summary>The steps of a part that is one, or a Sequence of them.</summary>
    /// <param name="part">The part; null for no step.</param>
    /// <param name="key">Where a Sequence has them.</param>
    /// <param name="kinds">What reads each type.</param>
    public static IReadOnlyList<T> Steps<T>(JsonPart? part, string key, Dictionary<string, Func<JsonPart, T>> kinds)
    {
        if (part is null) return [];
        var steps = Flatten(part, key).Take(MostSteps + 1).ToList();
        if (steps.Count > MostSteps) throw part.Error($"{part.Path} has more than {MostSteps} steps");
        return [.. steps.Select(step => kinds.TryGetValue(step.Require("type").Text(), out var read)
            ? read(step)
            : throw step.Require("type").Unsupported($"{string.Join(", ", kinds.Keys)}, Sequence"))];
    }

    /// <summary>Whether a part is of a type, or a Sequence with a step of it.</summary>
    public static bool Has(JsonPart? part, string key, string type) => part is not null && Flatten(part, key).Any(step => step.Require("type").Is(type));

    /// <summary>The ids that the template puts before and after a text.</summary>
    public static (IReadOnlyList<int> Prefix, IReadOnlyList<int> Suffix) Template(JsonPart? part)
    {
        if (part is null) return ([], []);
        JsonPart? template = null;
        foreach (var step in Flatten(part, "processors"))
        {
            var type = step.Require("type");
            if (type.Text() == "ByteLevel") CheckByteLevel(step);
            else if (type.Text() != "TemplateProcessing") throw type.Unsupported("TemplateProcessing, ByteLevel, Sequence");
            else if (template is not null) throw step.Unsupported("one TemplateProcessing");
            else template = step;
        }
        return template is null ? ([], []) : ReadTemplate(template);
    }

    /// <summary>Checks all of a model but its vocabulary and merges.</summary>
    public static void CheckModel(JsonPart model)
    {
        // Files from before there was a type are taken for BPE by their merges, as tokenizers does it.
        if (model.Find("type") is { } type ? type.Text() != "BPE" : model.Find("merges") is null) throw model.Require("type").Unsupported("BPE");
        model.AllowOnly("type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback",
            "ignore_merges", "vocab", "merges");
        if (model.Find("dropout") is { } dropout && dropout.Element.GetRawText() is not ("0" or "0.0")) throw dropout.Unsupported("null");
        foreach (var key in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
            if (model.Find(key) is { } affix && affix.Text().Length > 0) throw affix.Unsupported("null");
        _ = Use(model);
    }

    private static VocabularyUse Use(JsonPart model) => new(
        Switch(model, "ignore_merges", false), Switch(model, "byte_fallback", false), model.Find("unk_token")?.Text(), Switch(model, "fuse_unk", false));

    /// <summary>The model's ids by token.</summary>
    public static Dictionary<string, int> Vocabulary(JsonPart model)
    {
        var part = model.Require("vocab").AtMost(TokenizerContent.MostTokens);
        var vocabulary = part.Members().ToDictionary(token => token.Key, token => token.Id());
        return vocabulary.Count > 0 ? vocabulary : throw part.Error($"{part.Path} is empty");
    }

    /// <summary>The encoder over a model's vocabulary.</summary>
    public static BytePairEncoder Encoder(JsonPart model, Dictionary<string, int> vocabulary)
    {
        var merges = model.Require("merges").AtMost(TokenizerContent.MostMerges);
        var use = Use(model);
        return use.ByteFallback
            ? BytePairEncoder.OfTexts(model.File, vocabulary, use, PairMerges.OfPairs(model.File, vocabulary, Pairs(merges)))
            : BytePairEncoder.OfWords(model.File, vocabulary, use, [.. Merges(merges)]);
    }

    /// <summary>The added tokens.</summary>
    public static List<AddedToken> AddedTokens(JsonPart? part, Dictionary<string, int> vocabulary)
    {
        var tokens = new Dictionary<string, AddedToken>();
        foreach (var item in part?.AtMost(TokenizerContent.MostTokens).Items() ?? [])
        {
            item.AllowOnly("id", "content", "single_word", "lstrip", "rstrip", "normalized", "special");
            var content = item.Require("content").Text();
            if (content.Length == 0) continue;
            var id = item.Require("id").Id();
            if (vocabulary.TryGetValue(content, out var other) && other != id)
                throw item.Error($"{item.Path} gives \"{Excerpt.Text(content)}\" the id {id}, and model.vocab gives it {other}");
            var token = new AddedToken(
                id, content, Switch(item, "single_word", false), Switch(item, "lstrip", false), Switch(item, "rstrip", false),
                Switch(item, "normalized", !Switch(item, "special", false)));
            if (!tokens.TryAdd(content, token)) throw item.Error($"{item.Path} adds \"{Excerpt.Text(content)}\" a second time");
        }
        return [.. tokens.Values];
    }

    /// <summary>A pattern: a regular expression, or a text.</summary>
    public static SplitPattern Pattern(JsonPart part)
    {
        part.AllowOnly("Regex", "String");
        var text = part.Find("String");
        var pattern = text ?? part.Require("Regex");
        try
        {
            return text is null ? SplitPattern.FromRegex(pattern.Text()) : SplitPattern.FromText(pattern.Text());
        }
        catch (NotSupportedException error)
        {
            throw pattern.Error($"{pattern.Path} has a part that isn't supported: {Excerpt.Text(error.Message)}", error);
        }
    }

    private static (IReadOnlyList<int> Prefix, IReadOnlyList<int> Suffix) ReadTemplate(JsonPart part)
    {
        part.AllowOnly("type", "single", "pair", "special_tokens");
        List<int> prefix = [], suffix = [];
        var seenText = false;
        var single = part.Require("single");
        foreach (var piece in single.AtMost(MostAround).Items())
        {
            if (piece.Find("SpecialToken") is { } special)
            {
                var token = part.Require("special_tokens").Require(special.Require("id").Text());
                (seenText ? suffix : prefix).AddRange(token.Require("ids").AtMost(MostAround).Items().Select(id => id.Id()));
            }
            else if (!seenText && piece.Require("Sequence").Require("id").Text() == "A") seenText = true;
            else throw single.Unsupported("special tokens around one sequence A");
        }
        return seenText ? (prefix, suffix) : throw single.Unsupported("special tokens around one sequence A");
    }

    /// <summary>"left right", from that or from ["left", "right"].</summary>
    private static IEnumerable<string> Merges(JsonPart part) => Listed(part).Select(merge => merge.Element.ValueKind switch
    {
        JsonValueKind.String => merge.Text(),
        JsonValueKind.Array when IsPair(merge.Element) => $"{merge.Element[0].GetString()} {merge.Element[1].GetString()}",
        _ => throw merge.Wrong("a pair of tokens"),
    });

    /// <summary>Both tokens, from the same; as ["left", "right"] they may have spaces in them.</summary>
    private static IEnumerable<(string Left, string Right)> Pairs(JsonPart part) => Listed(part).Select(merge => merge.Element.ValueKind switch
    {
        JsonValueKind.String when merge.Text().Split(' ') is [var left, var right] => (left, right),
        JsonValueKind.Array when IsPair(merge.Element) => (merge.Element[0].GetString()!, merge.Element[1].GetString()!),
        _ => throw merge.Wrong("a pair of tokens"),
    });

    /// <summary>All but the first line of a merges.txt, which some files have kept.</summary>
    private static IEnumerable<JsonPart> Listed(JsonPart part) =>
        part.Items().Where(merge => merge.Element.ValueKind != JsonValueKind.String || !merge.Text().StartsWith("#version", StringComparison.Ordinal));

    private static bool IsPair(JsonElement merge) =>
        merge.GetArrayLength() == 2 && merge.EnumerateArray().All(side => side.ValueKind == JsonValueKind.String);

    /// <summary>A part, or the parts of a Sequence of them.</summary>
    private static IEnumerable<JsonPart> Flatten(JsonPart part, string key)
    {
        if (part.Require("type").Text() != "Sequence") return [part];
        part.AllowOnly("type", key);
        return part.Require(key).Items().SelectMany(step => Flatten(step, key));
    }

    /// <summary>A key's true or false, or the default.</summary>
    private static bool Switch(JsonPart part, string key, bool absent) => part.Find(key)?.Flag() ?? absent;

    /// <summary>Checks a ByteLevel part, whose switches the caller reads.</summary>
    public static void CheckByteLevel(JsonPart part)
    {
        var type = part.Require("type");
        if (type.Text() != "ByteLevel") throw type.Unsupported("ByteLevel");
        part.AllowOnly("type", "add_prefix_space", "trim_offsets", "use_regex");
    }
}
