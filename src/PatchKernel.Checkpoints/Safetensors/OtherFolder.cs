using PatchKernel.Files;
using PatchKernel.Json;
using PatchKernel.Text;

namespace PatchKernel.Safetensors;

/// <summary>Says what a folder is that has no config.json or no weights.</summary>
internal static class OtherFolder
{
    private static readonly string[] Unfinished = ["*.incomplete", "*.part", "*.crdownload", "*.partial", "*.aria2", "*.download"];
    private static readonly string[] Pickles = ["*.bin", "*.pth", "*.pt", "*.ckpt"];
    private static readonly string[] Others = ["*.onnx", "*.h5", "*.msgpack", "*.npz", "*.zip", "*.tar", "*.gz", "*.tgz"];

    /// <summary>The error of a folder that has no config.json.</summary>
    public static PatchKernelException WithoutConfig(string folder)
    {
        var said = AdapterIn(folder)
            ?? (First(folder, "params.json") is not null
                ? "is in Meta's or Mistral's own layout (params.json): get the model as Hugging Face's transformers stores it, with a config.json and model.safetensors"
                : First(folder, "*.gguf") is { } gguf ? $"has no config.json but {gguf}: give that file's own path"
                : OtherWeights(folder) is { } other ? $"has no config.json: {other}"
                : "has no config.json: it isn't a model folder as the Hugging Face hub stores them");
        return new($"'{folder}' {said}.");
    }

    /// <summary>The error of a folder that has a config.json and neither safetensors nor an index of them.</summary>
    public static PatchKernelException WithoutWeights(string folder)
    {
        var missing = $"neither {FileNames.Weights} nor {FileNames.WeightsIndex} is there";
        var said = AdapterIn(folder)
            ?? (First(folder, "*.gguf") is { } gguf ? $"has no {FileNames.Weights} but {gguf}: give that file's own path"
                : OtherWeights(folder) is { } other ? $"has no {FileNames.Weights}: {other}"
                : First(folder, "model-?????-of-?????.safetensors") is { } shard ? $"has {shard} but no {FileNames.WeightsIndex}, which says what lies where: get it too"
                : First(folder, "*.safetensors") is { } named ? $"has {named}, but weights are looked for in {FileNames.Weights}: give the file that name"
                : $"has no weights: {missing}");
        return new($"'{folder}' {said}.");
    }

    /// <summary>Describes a folder with an adapter, as text after its path; null if there is no adapter.</summary>
    private static string? AdapterIn(string folder)
    {
        var path = Path.Combine(folder, FileNames.Adapter);
        if (!File.Exists(path)) return null;
        var model = JsonFile.Read(path, json => new JsonPart("adapter's config", path, json).Find("base_model_name_or_path")?.Quote().Trim('"'));
        return $"is a LoRA adapter{(model is null ? "" : $" of {model}")} ({FileNames.Adapter}), not a model: merge it into that model first, and give the result";
    }

    private static string? OtherWeights(string folder) =>
        Unfinished.Select(pattern => First(folder, pattern)).FirstOrDefault(name => name is not null) is { } part ? $"{part} is a download that didn't end, get it again"
        : Pickles.Select(pattern => First(folder, pattern)).FirstOrDefault(name => name is not null) is { } pickle
            ? $"it has {pickle}; save the model as safetensors, since a {Path.GetExtension(pickle)} can run code as it loads"
        : Others.Select(pattern => First(folder, pattern)).FirstOrDefault(name => name is not null) is { } other
            ? $"it has {other}, which isn't read here; get the model as safetensors"
        : null;

    private static string? First(string folder, string pattern) =>
        Directory.EnumerateFiles(folder, pattern).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).FirstOrDefault() is { } name ? Excerpt.Text(name) : null;
}
