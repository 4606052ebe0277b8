namespace PatchKernel.Tokens;

/// <summary>How a GGUF file's text is cut into words, by the name that it gives.</summary>
/// <remarks>What the names mean is taken from llama.cpp, which has no normalizer: Qwen's texts aren't brought to NFC first, as its tokenizer.json does it.</remarks>
/// <param name="Steps">The steps.</param>
/// <param name="IsLlama3">Whether a whole word that is a token is taken as it is, and BOS is added unless the file says otherwise.</param>
internal sealed record GgufWords(IReadOnlyList<PreTokenizer> Steps, bool IsLlama3 = false)
{
    /// <summary>The name that llama.cpp takes where a file gives none.</summary>
    public const string Default = "default";

    private const string Suffixes = "(?i:'s|'t|'re|'ve|'m|'ll|'d)", Rest = @" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private static readonly GgufWords Llama3 = Of($@"{Suffixes}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1,3}}|{Rest}") with { IsLlama3 = true };
    private static readonly GgufWords Qwen2 = Of($@"{Suffixes}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}|{Rest}");
    private static readonly GgufWords Gpt2 = Of(SplitPattern.Gpt2);
    private static readonly GgufWords Gpt2ByDigit = Of(SplitPattern.Number, SplitPattern.Gpt2);

    /// <summary>Every name that is known.</summary>
    public static IReadOnlyDictionary<string, GgufWords> ByName { get; } = new Dictionary<string, GgufWords>
    {
        ["llama-bpe"] = Llama3,
        ["llama-v3"] = Llama3,
        ["llama3"] = Llama3,
        ["falcon3"] = Llama3,
        ["smaug-bpe"] = Llama3 with { IsLlama3 = false },
        ["dbrx"] = Llama3 with { IsLlama3 = false },
        ["qwen2"] = Qwen2,
        ["deepseek-r1-qwen"] = Qwen2,
        ["megrez"] = Qwen2,
        ["stablelm2"] = Qwen2,
        ["smollm"] = Gpt2ByDigit,
        ["starcoder"] = Gpt2ByDigit,
        ["refact"] = Gpt2ByDigit,
        ["command-r"] = Gpt2ByDigit,
        ["codeshell"] = Gpt2ByDigit,
        ["gpt-2"] = Gpt2,
        ["phi-2"] = Gpt2,
        ["olmo"] = Gpt2,
        ["mpt"] = Gpt2,
        ["jais"] = Gpt2,
        [Default] = Of(SplitPattern.FromRegex(@"[\p{P}\$\+<=>\^~\|]+"), SplitPattern.Gpt2, SplitPattern.FromRegex(@"\p{N}+"), SplitPattern.FromRegex("[0-9][0-9][0-9]")),
    };

    /// <summary>A model family, recognised by some of its tokens.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Ways">The ways of cutting words that give its ids.</param>
    /// <param name="Tokens">Tokens that no other family has together.</param>
    public sealed record Owner(string Name, string[] Ways, string[] Tokens);

    private static readonly Owner[] Owners =
    [
        new("Llama 4", [], ["<|begin_of_text|>", "<|header_start|>", "<|eot|>"]),
        new("Llama 3", ["llama-bpe", "llama-v3", "llama3", "smaug-bpe"], ["<|begin_of_text|>", "<|start_header_id|>"]),
        new("SmolLM", ["smollm"], ["<|im_start|>", "<repo_name>", "<jupyter_start>"]),
        new("Qwen", ["qwen2", "deepseek-r1-qwen"], ["<|im_start|>", "<|object_ref_start|>"]),
        new("DeepSeek", [], ["<｜begin▁of▁sentence｜>", "<｜fim▁begin｜>"]), // the second keeps Llama models apart that were trained on its answers
    ];

    /// <summary>Finds the model family by tokens that no other family has.</summary>
    public static Owner? OwnerOf(string[] tokens) => Owners.FirstOrDefault(owner => owner.Tokens.All(tokens.Contains));

    private static GgufWords Of(string pattern) => Of(SplitPattern.FromRegex(pattern));

    private static GgufWords Of(params SplitPattern[] patterns) => new([.. patterns.Select(pattern => PreTokenizer.At(pattern)), PreTokenizer.ToByteLetters()]);
}
