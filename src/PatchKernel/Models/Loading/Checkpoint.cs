using PatchKernel.Files;
using PatchKernel.Gguf;
using PatchKernel.Hub;
using PatchKernel.Models;
using PatchKernel.Safetensors;
using PatchKernel.Tokens;
using PatchKernel.Torch;
using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>
/// A model in files: a folder as the Hugging Face hub stores it (config.json, safetensors files, perhaps a tokenizer.json), by its path or by
/// its name there, or a GGUF file.
/// </summary>
/// <remarks>Holds the files open, and no weights; dispose it when the model has been read. Reads may run on several threads.</remarks>
public sealed class Checkpoint : IDisposable
{
    private readonly ITensorSource source;
    private readonly CheckpointTokenizer tokenizer;
    private readonly List<string> warnings;
    private readonly Func<IReadOnlyList<int>> endOfText;
    private readonly Lazy<ChatTemplate> chat;
    private OwnHead? head; // null once both are compared

    private Checkpoint(
        ModelPlace place, ModelConfig config, IEnumerable<string> warnings, ITensorSource source, CheckpointTokenizer tokenizer, Func<ChatTemplate> chat,
        Func<IReadOnlyList<int>> endOfText)
    {
        (this.endOfText, this.chat) = (endOfText, new(chat));
        (Location, Name, Config, this.warnings, this.source, this.tokenizer) = (place.Folder, place.Name, config, [.. warnings], source, tokenizer);
        StoredDtype = source.Tensors.Where(stored => stored.Dtype is not null)
            .GroupBy(stored => stored.Dtype!.Value)
            .MaxBy(group => group.Sum(stored => stored.Shape.Aggregate(1L, (product, size) => product * size)))!.Key;
        head = OwnHead.Of(source, config);
        if (head is { } both && both.DiffersAtAGlance()) UseOwnHead();
    }

    /// <summary>The model's name on the hub, or the folder's, or the file's without its extension.</summary>
    public string Name { get; }

    /// <summary>The folder or the file, as it was given; of a model on the hub its folder in the cache.</summary>
    public string Location { get; }

    /// <summary>The model's shape and constants.</summary>
    /// <remarks>Loading the model reads all of a head that lies beside tied embeddings, and may find that they aren't tied after all.</remarks>
    public ModelConfig Config { get; private set; }

    /// <summary>
    /// What is odd about the model, one sentence each: what is unknown in its settings, where its tensors disagree with them, and what is odd about the
    /// tokenizer, or why there is none. Asking reads the tokenizer's small parts, and doesn't load it.
    /// </summary>
    public IReadOnlyList<string> Warnings => [.. warnings, .. tokenizer.Warnings];

    /// <summary>The dtype that most of the weights are read as: float32, float16 or bfloat16; quantised ones expand to float32.</summary>
    public ScalarType StoredDtype { get; }

    /// <summary>Whether there is a tokenizer that can be used; asking loads it. Where a file is there and can't be used, <see cref="Warnings"/> says why.</summary>
    public bool HasTokenizer => tokenizer.Problem is null;

    /// <summary>The model's tokenizer, loaded when it is first asked for.</summary>
    /// <exception cref="PatchKernelException">There is none, it isn't supported, or it can't be read.</exception>
    public Tokenizer Tokenizer => tokenizer.Loaded;

    /// <summary>The model's chat template, read when it is first asked for.</summary>
    /// <exception cref="PatchKernelException">There is none, or it can't be read.</exception>
    public ChatTemplate ChatTemplate => chat.Value;

    /// <summary>The tokens at which the model ends its text; asking reads the file that names them.</summary>
    internal IReadOnlyList<int> EndOfTextIds => endOfText();

    /// <summary>Opens a model: reads and checks the settings and every header, and of weights a few rows at most, where a head lies beside tied embeddings.</summary>
    /// <param name="model">
    /// A folder's path, a GGUF file's, or a name on the Hugging Face hub, <c>org/name</c> or <c>org/name@revision</c>, which is downloaded into
    /// Hugging Face's own cache unless it is there. A path that exists wins.
    /// </param>
    /// <param name="progress">Receives download progress, a few times a second; null for none.</param>
    /// <param name="cancel">Stops a download; what came is kept for the next time. In a notebook, the stop button does where none is given.</param>
    /// <returns>The checkpoint; the caller's to dispose.</returns>
    /// <remarks>A revision that is in the cache is used as it is there, and the hub isn't asked for a newer one.</remarks>
    /// <exception cref="PatchKernelException">
    /// There is no such model or it can't be downloaded, a file is missing or broken, the config asks for something that isn't supported, or the tensors
    /// aren't those that it asks for.
    /// </exception>
    public static Checkpoint Open(string model, IProgress<DownloadProgress>? progress = null, CancellationToken cancel = default) =>
        OpenAt(ModelPlace.Find(model, HubNeed.Weights, settings: null, progress, config => ConfigReader.Read(config), HostStop.Or(cancel)));

    internal static Checkpoint OpenAt(ModelPlace place)
    {
        if (Directory.Exists(place.Folder)) return OpenFolder(place);
        if (GgufFile.IsAt(place.Folder)) return OpenGguf(place);
        throw new PatchKernelException(File.Exists(place.Folder)
            ? $"'{place.Folder}' {OtherFormat.Of(place.Folder) ?? "is a file: give the folder that holds the model, or a .gguf file"}."
            : $"There is no model folder '{place.Folder}'; give a folder, a .gguf file, or a name on the hub, org/name.");
    }

    /// <summary>Compares the whole of a matrix that lies beside tied embeddings with them, once, since opening reads a few rows alone.</summary>
    /// <remarks>May change <see cref="Config"/> and add a warning. Where both are the same, they are read whole; nothing of them is kept.</remarks>
    internal void SettleHead()
    {
        if (head is not { } both) return;
        head = null;
        if (both.Differs()) UseOwnHead();
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

    private void UseOwnHead()
    {
        (head, Config) = (null, Config with { TiedEmbeddings = false });
        warnings.Add($"'{Location}' has an {WeightLayout.Head(Config).Key} that isn't its embedding, though its config.json says tie_word_embeddings: it is used, "
            + "as transformers 5 does, where transformers 4 took the embedding.");
    }

    private SourceTensor Stored(WeightSpec weight) =>
        source.Find(weight.Key) ?? throw new PatchKernelException($"'{Location}' has no weight '{weight.Key}'.");

    private static Checkpoint OpenFolder(ModelPlace place)
    {
        var folder = place.Folder;
        var configPath = Path.Combine(folder, FileNames.Config);
        if (!InputFile.Exists(configPath)) throw OtherFolder.WithoutConfig(folder);

        var (config, warnings) = ConfigReader.Read(configPath);
        return Checked(RenamedTensors.Of(CheckpointFiles.Open(folder), config), files =>
        {
            WeightCheck.Check(config, files, folder, FileNames.Config);
            IEnumerable<string> all = StoredFrequencies.Warning(files, config, folder) is { } other ? [.. warnings, other] : warnings;
            return new Checkpoint(place, config, all, files, CheckpointTokenizer.Of(folder), () => ChatTemplate.Of(folder), () => EndOfText.Of(folder));
        });
    }

    private static Checkpoint OpenGguf(ModelPlace place) => Checked(GgufParts.Open(place.Folder, GgufConfigReader.CheckArchitecture), file =>
    {
        if (file.Count > 1) place = place with { Name = GgufSplit.NameOf(place.Name) };
        var (config, warnings) = GgufConfigReader.Read(file);
        var weights = new GgufWeights(file, config);
        WeightCheck.Check(config, weights, file.Path, "metadata");
        return new Checkpoint(place, config, warnings, weights, CheckpointTokenizer.Of(file.Metadata), () => ChatTemplate.Of(file.Metadata), () => EndOfText.Of(file.Metadata));
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
