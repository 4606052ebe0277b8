using PatchKernel.Files;
using PatchKernel.Gguf;
using PatchKernel.Json;

namespace PatchKernel.Models;

/// <summary>The tokens at which a model ends its text.</summary>
internal static class EndOfText
{
    private const string Key = "eos_token_id";

    private static readonly string[] GgufKeys = ["tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"];

    /// <summary>Those of a folder: as in transformers, generation_config.json names them where it is there, and else config.json.</summary>
    /// <exception cref="PatchKernelException">The file can't be read.</exception>
    public static IReadOnlyList<int> Of(string folder)
    {
        var generation = Path.Combine(folder, FileNames.GenerationConfig);
        var path = InputFile.Exists(generation) ? generation : Path.Combine(folder, FileNames.Config);
        return JsonFile.Read<IReadOnlyList<int>>(path, json => [.. new JsonPart("config", path, json).Find(Key)?.OneOrSeveral().Select(id => id.Whole()) ?? []]);
    }

    /// <summary>Those of a GGUF file: the end of text, of a turn, and of a message.</summary>
    public static IReadOnlyList<int> Of(GgufMetadata metadata) => [.. GgufKeys.Select(metadata.Index).OfType<int>()];
}
