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
    private const string ScoredModel = "llama";
    private const string ScoresKey = "tokenizer.ggml.scores";
    private const string UnknownKey = "tokenizer.ggml.unknown_token_id";
    private const string PrefixKey = "tokenizer.ggml.add_space_prefix";
    private const string NameKey = "general.name";
    private const string Mark = "▁";

    private const int Unknown = 2, Control = 3, UserDefined = 4, Unused = 5;

    /// <summary>Whether a file has a tokenizer, of whatever kind.</summary>
    public static bool IsIn(GgufMetadata metadata) => metadata.Has(ModelKey);

    /// <summary>Why there is no tokenizer, in one sentence; null where there is one.</summary>
    public static string? Problem(GgufMetadata metadata) => metadata.Text(ModelKey) switch
    {
        null => $"'{metadata.Path}' has no tokenizer: give token ids instead of texts.",
        ScoredModel => null,
        ByteLevelModel when GgufWords.ByName.ContainsKey(metadata.Text(WordsKey) ?? GgufWords.Default) => null,
        ByteLevelModel => $"{metadata.Wrong(WordsKey, $"only {string.Join(", ", GgufWords.ByName.Keys)} are supported").Message[..^1]}: give token ids instead of texts.",
        _ => $"{metadata.Wrong(ModelKey, $"only {ByteLevelModel}, byte-level BPE, and {ScoredModel}, SentencePiece's, are supported").Message[..^1]}: give token ids instead of texts.",
    };

    /// <summary>What is odd about a tokenizer that is supported, one sentence each.</summary>
    /// <remarks>llama.cpp warns where the key is missing. Some programs wrote "default" for whatever they didn't know, Ollama for Llama 4.</remarks>
    public static IReadOnlyList<string> Warnings(GgufMetadata metadata)
    {
        if (metadata.Text(ModelKey) != ByteLevelModel) return [];
        var pre = metadata.Text(WordsKey);
        var owner = GgufWords.OwnerOf(metadata.Texts(TokensKey, TokenizerContent.MostTokens) ?? []);
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
        var texts = metadata.Texts(TokensKey, TokenizerContent.MostTokens) ?? throw TokenizerContent.Unusable(metadata.Path, $"it has no {TokensKey}");
        var types = metadata.Integers(TypesKey);
        if (types is not null && types.Length != texts.Length) throw Unequal(metadata, TypesKey, types.Length, texts.Length);

        var vocabulary = new Dictionary<string, int>(texts.Length);
        for (var id = 0; id < texts.Length; id++)
        {
            if (types?[id] == Unused || texts[id].Length == 0) continue; // fills the table up to the size of the embedding
            if (!vocabulary.TryAdd(texts[id], id))
                throw TokenizerContent.Unusable(
                    metadata.Path, $"{TokensKey} has \"{Excerpt.Text(texts[id])}\" twice, with the ids {vocabulary[texts[id]]} and {id}");
        }
        if (vocabulary.Count == 0) throw TokenizerContent.Unusable(metadata.Path, $"{TokensKey} is empty");
        return metadata.Text(ModelKey) == ScoredModel ? Scored(metadata, vocabulary, texts, types ?? []) : ByteLevel(metadata, vocabulary, types ?? []);
    }

    private static TokenizerContent ByteLevel(GgufMetadata metadata, Dictionary<string, int> vocabulary, int[] types)
    {
        var words = GgufWords.ByName[metadata.Text(WordsKey) ?? GgufWords.Default];
        List<AddedToken> added = [.. vocabulary.Where(token => types.ElementAtOrDefault(token.Value) is Control or UserDefined)
            .Select(token => new AddedToken(token.Value, token.Key, SingleWord: false, StripLeft: false, StripRight: false, Normalized: types[token.Value] == UserDefined))];
        var merges = metadata.Texts(MergesKey, TokenizerContent.MostMerges) ?? throw TokenizerContent.Unusable(metadata.Path, $"it has no {MergesKey}");
        var encoder = BytePairEncoder.OfWords(metadata.Path, vocabulary, new(IgnoreMerges: words.IsLlama3), merges);
        return Content(metadata, vocabulary, added, new TextSteps([], words.Steps), encoder, [TokenDecoder.ByteLevel], addsBos: words.IsLlama3);
    }

    /// <summary>SentencePiece's kind: spaces are written as ▁, and scores say which tokens are merged first.</summary>
    private static TokenizerContent Scored(GgufMetadata metadata, Dictionary<string, int> vocabulary, string[] texts, int[] types)
    {
        var scores = metadata.Numbers(ScoresKey) ?? throw TokenizerContent.Unusable(metadata.Path, $"it has no {ScoresKey}");
        if (scores.Length != texts.Length) throw Unequal(metadata, ScoresKey, scores.Length, texts.Length);
        // llama.cpp knows by the model's name that these take the white space behind them.
        var strips = metadata.Text(NameKey)?.ToLowerInvariant() is { } name && (name.Contains("phi-3", StringComparison.Ordinal) || name.Contains("phi3", StringComparison.Ordinal));
        List<AddedToken> added = [.. vocabulary.Where(token => types.ElementAtOrDefault(token.Value) is Unknown or Control or UserDefined)
            .Select(token => new AddedToken(
                token.Value, token.Key, SingleWord: false, StripLeft: false, StripRight: strips && token.Key is not ("<unk>" or "<s>" or "<|endoftext|>"), Normalized: false))];
        var prefix = metadata.Flag(PrefixKey, true);
        var space = new Replacement(SplitPattern.FromText(" "), Mark);
        var unknown = metadata.Index(UnknownKey) is { } id && id < texts.Length ? texts[id] : null;
        var encoder = BytePairEncoder.OfTexts(
            metadata.Path, vocabulary, new(ByteFallback: true, Unknown: unknown, FuseUnknown: true), PairMerges.OfScores(vocabulary, scores));
        IReadOnlyList<TokenDecoder> decoder = [TokenDecoder.Replacing(new(SplitPattern.FromText(Mark), " ")), TokenDecoder.ByteFallback, TokenDecoder.Fuse];
        return Content(
            metadata, vocabulary, added, new TextSteps(prefix ? [Normalizer.Prepending(Mark), Normalizer.Replacing(space)] : [Normalizer.Replacing(space)], []), encoder,
            prefix ? [.. decoder, TokenDecoder.Stripping(' ', 1, 0)] : decoder, addsBos: true);
    }

    private static TokenizerContent Content(
        GgufMetadata metadata, Dictionary<string, int> vocabulary, List<AddedToken> added, TextSteps steps, BytePairEncoder encoder, IReadOnlyList<TokenDecoder> decoder, bool addsBos)
    {
        var tokens = TokenizerContent.TokensById(metadata.Path, vocabulary, added);
        return new(
            tokens, new AddedTokens(metadata.Path, added, text => text), steps, encoder, decoder,
            Around(metadata, AddBosKey, addsBos, BosKey, tokens), Around(metadata, AddEosKey, absent: false, EosKey, tokens))
        {
            Warnings = Warnings(metadata),
        };
    }

    private static PatchKernelException Unequal(GgufMetadata metadata, string key, int count, int tokens) =>
        TokenizerContent.Unusable(metadata.Path, $"{key} has {count} entries, and {TokensKey} has {tokens}");

    /// <summary>The id to add at one end of a text, if the file asks for one.</summary>
    private static int[] Around(GgufMetadata metadata, string asked, bool absent, string key, string?[] tokens)
    {
        if (!metadata.Flag(asked, absent)) return [];
        var id = metadata.Index(key) ?? throw TokenizerContent.Unusable(metadata.Path, $"it adds a token to every text and has no {key}");
        return id < tokens.Length && tokens[id] is not null ? [id] : throw TokenizerContent.Unusable(metadata.Path, $"{key} is {id}, which no token has");
    }
}
