using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>A Llama model as the Hugging Face hub stores it, by its name there or in a folder: config.json, safetensors files, perhaps a tokenizer.json.</summary>
/// <remarks>Holds the files open, and no weights; dispose it when the model has been read. Reads may run on several threads.</remarks>
public sealed class Checkpoint : IDisposable
{
    private readonly CheckpointFiles files;
    private readonly Lazy<Tokenizer> tokenizer;

    private Checkpoint(string folder, string name, LlamaConfig config, IReadOnlyList<string> warnings, CheckpointFiles files)
    {
        (Folder, Name, Config, Warnings, this.files) = (folder, name, config, warnings, files);
        tokenizer = new(LoadTokenizer);
        StoredDtype = files.Shards.Values.SelectMany(shard => shard.Tensors.Values)
            .Where(stored => stored.Dtype.IsWeight)
            .GroupBy(stored => stored.Dtype.Scalar!.Value)
            .MaxBy(group => group.Sum(stored => stored.Bytes / (stored.Dtype.Bits / 8)))!.Key;
    }

    /// <summary>The model's name on the hub, or the folder's.</summary>
    public string Name { get; }

    /// <summary>The folder, as it was given; of a model on the hub that in the cache.</summary>
    public string Folder { get; }

    /// <summary>The model's shape and constants.</summary>
    public LlamaConfig Config { get; }

    /// <summary>What is unknown in config.json, one sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The dtype that most of the weights are stored in: float32, float16 or bfloat16.</summary>
    public ScalarType StoredDtype { get; }

    /// <summary>Whether the folder has a tokenizer.json.</summary>
    public bool HasTokenizer => File.Exists(TokenizerPath);

    /// <summary>The folder's tokenizer, loaded when it is first asked for.</summary>
    /// <exception cref="PatchKernelException">The folder has none, or it can't be read.</exception>
    public Tokenizer Tokenizer => tokenizer.Value;

    private string TokenizerPath => Path.Combine(Folder, "tokenizer.json");

    /// <summary>Opens a model: reads and checks config.json and the header of every safetensors file, and reads no weights.</summary>
    /// <param name="model">
    /// A folder's path, or a name on the Hugging Face hub, <c>org/name</c> or <c>org/name@revision</c>, which is downloaded into Hugging Face's own cache
    /// unless it is there. A path that exists wins.
    /// </param>
    /// <param name="progress">Told how far a download is, a few times a second; null for nobody.</param>
    /// <param name="cancel">Stops a download; what came is kept for the next time.</param>
    /// <returns>The checkpoint; the caller's to dispose.</returns>
    /// <remarks>A revision that is in the cache is used as it is there, and the hub isn't asked for a newer one.</remarks>
    /// <exception cref="PatchKernelException">
    /// There is no such model or it can't be downloaded, a file is missing or broken, the config asks for something that isn't supported, or the tensors
    /// aren't those that it asks for.
    /// </exception>
    public static Checkpoint Open(string model, IProgress<DownloadProgress>? progress = null, CancellationToken cancel = default) =>
        OpenAt(ModelPlace.Find(model, HubNeed.Weights, settings: null, progress, cancel));

    internal static Checkpoint OpenAt(ModelPlace place)
    {
        var folder = place.Folder;
        if (File.Exists(folder)) throw new PatchKernelException($"'{folder}' is a file: give the folder that holds the model.");
        if (!Directory.Exists(folder)) throw new PatchKernelException($"There is no model folder '{folder}'.");
        var configPath = Path.Combine(folder, "config.json");
        if (!File.Exists(configPath))
            throw new PatchKernelException($"'{folder}' has no config.json: it isn't a model folder as the Hugging Face hub stores them.");

        var (config, warnings) = ConfigReader.Read(configPath);
        var files = CheckpointFiles.Open(folder);
        try
        {
            WeightCheck.Check(config, files, folder);
            return new Checkpoint(folder, place.Name, config, warnings, files);
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>Reads one weight into memory of its own.</summary>
    /// <returns>A fresh tensor of the weight's shape, no alias of the file; owned by the caller's dispose scope.</returns>
    /// <exception cref="PatchKernelException">The checkpoint has no such weight.</exception>
    internal Tensor Read(WeightSpec weight, ScalarType dtype, Device device) => FileOf(weight).Read(weight.Key, dtype, device);

    /// <summary>Reads some of a matrix's rows, those that follow one another.</summary>
    /// <returns>[count, in]; owned by the caller's dispose scope.</returns>
    /// <exception cref="PatchKernelException">The checkpoint has no such weight.</exception>
    internal Tensor ReadRows(WeightSpec weight, long from, long count, ScalarType dtype, Device device) =>
        FileOf(weight).ReadRows(weight.Key, from, count, dtype, device);

    /// <summary>How many bytes of a weight were read so far, all reads together.</summary>
    internal long BytesRead(WeightSpec weight) => FileOf(weight).BytesRead(weight.Key);

    /// <summary>How many bytes a weight has in its file.</summary>
    internal long StoredBytes(WeightSpec weight) => FileOf(weight).Tensors[weight.Key].Bytes;

    private SafetensorsFile FileOf(WeightSpec weight) => files.ShardOf(weight.Key) is { } shard
        ? files.Shards[shard]
        : throw new PatchKernelException($"'{Folder}' has no weight '{weight.Key}'.");

    /// <summary>Closes the files; tensors that were read stay.</summary>
    public void Dispose() => files.Dispose();

    private Tokenizer LoadTokenizer() => HasTokenizer
        ? Tokenizer.Load(TokenizerPath)
        : throw new PatchKernelException($"'{Folder}' has no tokenizer.json: give token ids instead of texts.");
}
