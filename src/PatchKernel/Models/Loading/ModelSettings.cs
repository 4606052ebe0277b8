using PatchKernel.Files;
using PatchKernel.Hub;
using PatchKernel.Json;
using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>What a model is, without its weights: enough to show its modules and to plan a sweep.</summary>
public sealed class ModelSettings
{
    private readonly Func<WeightSpec, long> bytesOf;

    private ModelSettings(string name, ModelConfig config, IReadOnlyList<string> warnings, Func<WeightSpec, long> bytesOf) =>
        (Name, Config, Warnings, this.bytesOf) = (name, config, warnings, bytesOf);

    /// <summary>The model's name on the hub, or the folder's, or the file's without its extension.</summary>
    public string Name { get; }

    /// <summary>The model's shape and constants.</summary>
    public ModelConfig Config { get; }

    /// <summary>What is unknown in config.json or the file's metadata, one sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Bytes of all weights as they are stored.</summary>
    public long StoredBytes => WeightLayout.All(Config).Sum(BytesOf);

    /// <summary>Reads a model's settings; of a model on the hub the small files alone are downloaded.</summary>
    /// <param name="model">
    /// A folder's path, with weights or with a config.json alone, that file's or another config's path, a GGUF file's, or a name on the Hugging Face hub,
    /// <c>org/name</c> or <c>org/name@revision</c>.
    /// </param>
    /// <param name="progress">Receives download progress, a few times a second; null for none.</param>
    /// <param name="cancel">Stops a download; what came is kept for the next time. In a notebook, the stop button does where none is given.</param>
    /// <remarks>Where weights are there, their headers are checked; where they aren't, the config's torch_dtype says how they are stored, or bfloat16.</remarks>
    /// <exception cref="PatchKernelException">There is no such model, a file is broken, or the config asks for something that isn't supported.</exception>
    public static ModelSettings Load(string model, IProgress<DownloadProgress>? progress = null, CancellationToken cancel = default)
    {
        var place = ModelPlace.Find(model, HubNeed.Settings, settings: null, progress, cancel: HostStop.Or(cancel));
        var path = place.Folder;
        if (path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) && File.Exists(path)) return OfConfig(path, NameOf(path));
        var config = Path.Combine(path, FileNames.Config);
        if (File.Exists(config) && !NeededFiles.HasWeights(path)) return OfConfig(config, place.Name);
        using var checkpoint = Checkpoint.OpenAt(place);
        var stored = WeightLayout.All(checkpoint.Config).ToDictionary(weight => weight.Key, checkpoint.StoredBytes);
        return new(checkpoint.Name, checkpoint.Config, checkpoint.Warnings, weight => stored[weight.Key]);
    }

    /// <summary>How many bytes a weight has in its file.</summary>
    internal long BytesOf(WeightSpec weight) => bytesOf(weight);

    private static ModelSettings OfConfig(string path, string name)
    {
        var (config, warnings) = ConfigReader.Read(path);
        var bytes = ComputeDtype.Bytes(JsonFile.Read(path, json => StoredDtype(new JsonPart("config", path, json))));
        return new(name, config, warnings, weight => weight.Elements * bytes);
    }

    private static ScalarType StoredDtype(JsonPart config)
    {
        if ((config.Find("dtype") ?? config.Find("torch_dtype")) is not { } stored) return ScalarType.BFloat16;
        return ComputeDtype.Find(stored.Text()) ?? throw stored.Unsupported("float32, float16 and bfloat16");
    }

    /// <summary>A config.json is called what its folder is called.</summary>
    private static string NameOf(string path) => Path.GetFileName(path) == FileNames.Config
        ? Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))) is { Length: > 0 } folder ? folder : path
        : Path.GetFileNameWithoutExtension(path);
}
