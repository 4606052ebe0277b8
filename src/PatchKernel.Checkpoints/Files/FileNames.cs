namespace PatchKernel.Files;

/// <summary>The files of a model's folder, as the Hugging Face hub has them.</summary>
internal static class FileNames
{
    public const string Config = "config.json";
    public const string Weights = "model.safetensors";
    public const string WeightsIndex = "model.safetensors.index.json";
    public const string Adapter = "adapter_config.json";
    public const string TokenizerJson = "tokenizer.json";
    public const string TokenizerConfig = "tokenizer_config.json";
    public const string ChatTemplate = "chat_template.jinja";
    public const string SpecialTokens = "special_tokens_map.json";
    public const string OtherTokens = "added_tokens.json";
    public const string GenerationConfig = "generation_config.json";
}
