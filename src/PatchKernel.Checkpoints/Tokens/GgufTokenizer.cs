using PatchKernel.Gguf;
using PatchKernel.Text;

namespace PatchKernel.Tokens;

/// <summary>Reads the tokenizer out of a GGUF file's metadata.</summary>
/// <remarks>The metadata names the way in which text is cut into words and doesn't describe it; what the names mean is taken from llama.cpp.</remarks>
internal static class GgufTokenizer
{
    /// <summary>The list of tokens.</summary>
    public const string TokensKey = "tokenizer.ggml.tokens";

    private const string ModelKey = "tokenizer.ggml.model";
    private const string WordsKey = "tokenizer.ggml.pre";
    private const string TypesKey = "tokenizer.ggml.token_type";
    private const string MergesKey = "tokenizer.ggml.merges";
    private const string AddBosKey = "tokenizer.ggml.add_bos_token";
    private const string AddEosKey = "tokenizer.ggml.add_eos_token";
    private const string BosKey = "tokenizer.ggml.bos_token_id";
    private const string EosKey = "tokenizer.ggml.eos_token_id";
    private const string ByteLevelModel = "gpt2";
    private const string DefaultWords = "default"; // of files that don't say

    private const int Control = 3, UserDefined = 4, Unused = 5;

    /// <summary>How text is cut into words.</summary>
    /// <param name="Steps">The steps.</param>
    /// <param name="IsLlama3">Whether a whole word that is a token is taken as it is, and BOS is added unless the file says otherwise.</param>
    private sealed record Words(IReadOnlyList<PreTokenizer> Steps, bool IsLlama3 = false);

    private static readonly Words Llama3 = new(
        [Step(@"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")], IsLlama3: true);

    private static readonly Dictionary<string, Words> ByName = new()
    {
        ["llama-bpe"] = Llama3,
        ["llama-v3"] = Llama3,
        ["llama3"] = Llama3,
        ["smaug-bpe"] = Llama3 with { IsLlama3 = false },
        ["smollm"] = new([new(SplitPattern.Number), new(SplitPattern.Gpt2)]),
        ["gpt-2"] = new([new(SplitPattern.Gpt2)]),
        [DefaultWords] = new([Step(@"[\p{P}\$\+<=>\^~\|]+"), new(SplitPattern.Gpt2), Step(@"\p{N}+"), Step("[0-9][0-9][0-9]")]),
    };

    /// <summary>Whether a file has a tokenizer, of whatever kind.</summary>
    public static bool IsIn(GgufMetadata metadata) => metadata.Has(ModelKey);

    /// <summary>A model family, recognised by some of its tokens.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Ways">The ways of cutting words that give its ids.</param>
    /// <param name="Tokens">Tokens that no other family has together.</param>
    private sealed record VocabularyOwner(string Name, string[] Ways, string[] Tokens);

    private static readonly VocabularyOwner[] Owners =
    [
        new("Llama 4", [], ["<|begin_of_text|>", "<|header_start|>", "<|eot|>"]),
        new("Llama 3", ["llama-bpe", "llama-v3", "llama3", "smaug-bpe"], ["<|begin_of_text|>", "<|start_header_id|>"]),
        new("SmolLM", ["smollm"], ["<|im_start|>", "<repo_name>", "<jupyter_start>"]),
        new("Qwen", [], ["<|im_start|>", "<|object_ref_start|>"]),
        new("DeepSeek", [], ["<｜begin▁of▁sentence｜>", "<｜fim▁begin｜>"]), // the second keeps Llama models apart that were trained on its answers
    ];

    /// <summary>Why there is no tokenizer, in one sentence; null where there is one.</summary>
    public static string? Problem(GgufMetadata metadata) => metadata.Text(ModelKey) switch
    {
        null => $"'{metadata.Path}' has no tokenizer: give token ids instead of texts.",
        ByteLevelModel when ByName.ContainsKey(metadata.Text(WordsKey) ?? DefaultWords) => null,
        ByteLevelModel => $"{metadata.Wrong(WordsKey, $"only {string.Join(", ", ByName.Keys)} are supported").Message[..^1]}: give token ids instead of texts.",
        _ => $"{metadata.Wrong(ModelKey, $"only {ByteLevelModel}, byte-level BPE, is supported").Message[..^1]}: give token ids instead of texts.",
    };

    /// <summary>What is odd about a tokenizer that is supported, one sentence each.</summary>
    /// <remarks>llama.cpp warns where the key is missing. Some programs wrote "default" for whatever they didn't know, Ollama for Llama 4.</remarks>
    public static IReadOnlyList<string> Warnings(GgufMetadata metadata)
    {
        var pre = metadata.Text(WordsKey);
        var owner = Owner(metadata.Texts(TokensKey, TokenizerContent.MostTokens) ?? []);
        const string advice = "take a file that a newer llama.cpp converted, or give token ids";
        if (pre is null)
            return [$"'{metadata.Path}' doesn't say how text is cut into words ({WordsKey} is missing): llama.cpp's default is taken, and "
                + $"{(owner is null ? "texts may get other ids than those that the model was trained on" : $"texts get other ids than {owner.Name}'s, whose vocabulary it is")}; {advice}."];
        return owner is null || owner.Ways.Contains(pre) ? [] :
            [$"'{metadata.Path}' cuts text into words in the way \"{pre}\" ({WordsKey}), and its vocabulary is {owner.Name}'s, which is cut in another: texts get other ids than "
                + $"the model was trained on; {advice}."];
    }

    /// <summary>Reads a file's tokenizer.</summary>
    /// <exception cref="PatchKernelException">It has none, one that isn't supported, or a part that can't be.</exception>
    public static TokenizerContent Read(GgufMetadata metadata)
    {
        if (Problem(metadata) is { } problem) throw new PatchKernelException(problem);
        var words = ByName[metadata.Text(WordsKey) ?? DefaultWords];
        var texts = metadata.Texts(TokensKey, TokenizerContent.MostTokens) ?? throw TokenizerContent.Unusable(metadata.Path, $"it has no {TokensKey}");
        var types = metadata.Integers(TypesKey);
        if (types is not null && types.Length != texts.Length)
            throw TokenizerContent.Unusable(metadata.Path, $"{TypesKey} has {types.Length} entries, and {TokensKey} has {texts.Length}");

        var vocabulary = new Dictionary<string, int>(texts.Length);
        var added = new List<AddedToken>();
        for (var id = 0; id < texts.Length; id++)
        {
            var type = types?[id] ?? 0;
            if (type == Unused || texts[id].Length == 0) continue; // fills the table up to the size of the embedding
            if (!vocabulary.TryAdd(texts[id], id))
                throw TokenizerContent.Unusable(
                    metadata.Path, $"{TokensKey} has \"{Excerpt.Text(texts[id])}\" twice, with the ids {vocabulary[texts[id]]} and {id}");
            if (type is Control or UserDefined)
                added.Add(new(id, texts[id], SingleWord: false, StripLeft: false, StripRight: false, Normalized: type == UserDefined));
        }
        if (vocabulary.Count == 0) throw TokenizerContent.Unusable(metadata.Path, $"{TokensKey} is empty");

        var tokens = TokenizerContent.TokensById(metadata.Path, vocabulary, added);
        var merges = metadata.Texts(MergesKey, TokenizerContent.MostMerges) ?? throw TokenizerContent.Unusable(metadata.Path, $"it has no {MergesKey}");
        return new(
            tokens, new AddedTokens(added), words.Steps, new BytePairEncoder(metadata.Path, vocabulary, merges, words.IsLlama3),
            Around(metadata, AddBosKey, words.IsLlama3, BosKey, tokens), Around(metadata, AddEosKey, absent: false, EosKey, tokens))
        {
            Warnings = Warnings(metadata),
        };
    }

    /// <summary>Finds the model family by tokens that no other family has.</summary>
    private static VocabularyOwner? Owner(string[] tokens) => Owners.FirstOrDefault(owner => owner.Tokens.All(tokens.Contains));

    private static PreTokenizer Step(string pattern) => new(SplitPattern.FromRegex(pattern));

    /// <summary>The id to add at one end of a text, if the file asks for one.</summary>
    private static int[] Around(GgufMetadata metadata, string asked, bool absent, string key, string?[] tokens)
    {
        if (!metadata.Flag(asked, absent)) return [];
        var id = metadata.Index(key) ?? throw TokenizerContent.Unusable(metadata.Path, $"it adds a token to every text and has no {key}");
        return id < tokens.Length && tokens[id] is not null ? [id] : throw TokenizerContent.Unusable(metadata.Path, $"{key} is {id}, which no token has");
    }
}
