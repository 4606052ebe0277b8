using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>
/// A Llama model in files: a folder as the Hugging Face hub stores it (config.json, safetensors files, perhaps a tokenizer.json), or a GGUF file.
/// </summary>
/// <remarks>Holds the files open, and no weights; dispose it when the model has been read. Reads may run on several threads.</remarks>
public sealed class Checkpoint : IDisposable
{
    private readonly ITensorSource source;
    private readonly Lazy<Tokenizer> tokenizer;

    private Checkpoint(string location, LlamaConfig config, IReadOnlyList<string> warnings, ITensorSource source, bool hasTokenizer, Func<Tokenizer> tokenizer)
    {
        (Location, Config, Warnings, this.source) = (location, config, warnings, source);
        (HasTokenizer, this.tokenizer) = (hasTokenizer, new(tokenizer));
        StoredDtype = source.Tensors.Where(stored => stored.Dtype is not null)
            .GroupBy(stored => stored.Dtype!.Value)
            .MaxBy(group => group.Sum(stored => stored.Shape.Aggregate(1L, (product, size) => product * size)))!.Key;
    }

    /// <summary>The folder's name, or the file's without its extension.</summary>
    public string Name
    {
        get
        {
            var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Location)));
            return name.Length == 0 ? Location : File.Exists(Location) ? Path.GetFileNameWithoutExtension(name) : name;
        }
    }

    /// <summary>The folder or the file, as it was given.</summary>
    public string Location { get; }

    /// <summary>The model's shape and constants.</summary>
    public LlamaConfig Config { get; }

    /// <summary>What is unknown in config.json or the file's metadata, one sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The dtype that most of the weights are read as: float32, float16 or bfloat16; quantised ones expand to float32.</summary>
    public ScalarType StoredDtype { get; }

    /// <summary>Whether there is a tokenizer of a kind that is supported.</summary>
    public bool HasTokenizer { get; }

    /// <summary>The model's tokenizer, loaded when it is first asked for.</summary>
    /// <exception cref="PatchKernelException">There is none, it isn't supported, or it can't be read.</exception>
    public Tokenizer Tokenizer => tokenizer.Value;

    /// <summary>Opens a folder or a GGUF file: reads and checks the settings and every header, and reads no weights.</summary>
    /// <param name="path">The folder's path, or the file's.</param>
    /// <returns>The checkpoint; the caller's to dispose.</returns>
    /// <exception cref="PatchKernelException">
    /// A file is missing or broken, the config asks for something that isn't supported, or the tensors aren't those that it asks for.
    /// </exception>
    public static Checkpoint Open(string path)
    {
        if (Directory.Exists(path)) return OpenFolder(path);
        if (GgufFile.IsNameOf(path)) return OpenGguf(path);
        throw new PatchKernelException(File.Exists(path)
            ? $"'{path}' is a file: give the folder that holds the model, or a .gguf file."
            : $"There is no model folder '{path}'.");
    }

    /// <summary>Reads one weight into memory of its own.</summary>
    /// <returns>A fresh tensor of the weight's shape, no alias of the file; owned by the caller's dispose scope.</returns>
    /// <exception cref="PatchKernelException">The checkpoint has no such weight.</exception>
    internal Tensor Read(WeightSpec weight, ScalarType dtype, Device device) => source.Read(Stored(weight).Key, rows: null, dtype, device);

    /// <summary>Reads some of a matrix's rows, those that follow one another.</summary>
    /// <returns>[count, in]; owned by the caller's dispose scope.</returns>
    /// <exception cref="PatchKernelException">The checkpoint has no such weight.</exception>
    internal Tensor ReadRows(WeightSpec weight, long from, long count, ScalarType dtype, Device device) =>
        source.Read(Stored(weight).Key, (from, count), dtype, device);

    /// <summary>How many bytes of a weight were read so far, all reads together.</summary>
    internal long BytesRead(WeightSpec weight) => source.BytesRead(Stored(weight).Key);

    /// <summary>How many bytes a weight has in its file.</summary>
    internal long StoredBytes(WeightSpec weight) => Stored(weight).Bytes;

    /// <summary>Closes the files; tensors that were read stay.</summary>
    public void Dispose() => source.Dispose();

    private SourceTensor Stored(WeightSpec weight) =>
        source.Find(weight.Key) ?? throw new PatchKernelException($"'{Location}' has no weight '{weight.Key}'.");

    private static Checkpoint OpenFolder(string folder)
    {
        var configPath = Path.Combine(folder, "config.json");
        if (!File.Exists(configPath))
            throw new PatchKernelException($"'{folder}' has no config.json: it isn't a model folder as the Hugging Face hub stores them.");

        var (config, warnings) = ConfigReader.Read(configPath);
        var tokenizerPath = Path.Combine(folder, "tokenizer.json");
        return Checked(CheckpointFiles.Open(folder), files =>
        {
            WeightCheck.Check(config, files, folder, "config.json");
            return new Checkpoint(folder, config, warnings, files, File.Exists(tokenizerPath), () => File.Exists(tokenizerPath)
                ? Tokenizer.Load(tokenizerPath)
                : throw new PatchKernelException($"'{folder}' has no tokenizer.json: give token ids instead of texts."));
        });
    }

    private static Checkpoint OpenGguf(string path) => Checked(GgufFile.Open(path), file =>
    {
        var (config, warnings) = GgufConfigReader.Read(file);
        var weights = new GgufWeights(file, config);
        WeightCheck.Check(config, weights, path, "metadata");
        return new Checkpoint(path, config, warnings, weights, GgufTokenizer.Problem(file.Metadata) is null, () => Tokenizer.Load(file.Metadata));
    });

    /// <summary>Closes what was opened where the rest fails.</summary>
    private static Checkpoint Checked<T>(T opened, Func<T, Checkpoint> open) where T : IDisposable
    {
        try
        {
            return open(opened);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }
}
