using PatchKernel.Models;
using PatchKernel.Torch;
using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>A language model: token ids in, logits out, every activation open to a tap.</summary>
/// <remarks>Its blocks are put together from its family's parts. Owns its weights.</remarks>
public sealed partial class LanguageModel : IDisposable
{
    private readonly Checkpoint? checkpoint;

    internal LanguageModel(string name, ModelConfig config, IWeightSource weights, ScalarType dtype, Checkpoint? checkpoint = null)
    {
        (Name, Config, Weights, Dtype, this.checkpoint) = (name, config, weights, dtype, checkpoint);
        Unembedding = new Unembedding(config, weights);
    }

    /// <summary>Reads a model from a checkpoint folder, a GGUF file or the Hugging Face hub.</summary>
    /// <param name="model">
    /// A folder's path, a GGUF file's, or a name on the hub, <c>org/name</c> or <c>org/name@revision</c>; <see cref="Checkpoint.Open"/> has more.
    /// </param>
    /// <param name="dtype">What matrices are multiplied in: <c>float32</c>, <c>bfloat16</c> or, slow on a CPU, <c>float16</c>, whatever is stored.</param>
    /// <param name="device">
    /// <c>cpu</c>, <c>cuda</c>, <c>cuda:N</c> or <c>auto</c>, the default: every GPU there is, filled in order, or the CPU. <see cref="DeviceMap"/> says what came of it.
    /// </param>
    /// <param name="residency">Whether weights stay in memory or are read anew, layer by layer, in each pass; by default as memory allows.</param>
    /// <param name="progress">Receives download progress, a few times a second; null for none.</param>
    /// <param name="cancel">
    /// Stops a download, of which what came is kept for the next time, and the reading of weights; in a notebook, the stop button does where none is given.
    /// </param>
    /// <returns>The model; the caller's to dispose.</returns>
    /// <exception cref="PatchKernelException">There is no checkpoint that this library can run; the message says why.</exception>
    public static LanguageModel Load(
        string model, string dtype = "float32", string? device = null, Residency residency = Residency.Auto,
        IProgress<DownloadProgress>? progress = null, CancellationToken cancel = default)
    {
        cancel = HostStop.Or(cancel);
        var checkpoint = Checkpoint.Open(model, progress, cancel);
        try
        {
            return Load(checkpoint, dtype, device, residency, cancel);
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>Reads the weights of a checkpoint that is open already.</summary>
    /// <param name="checkpoint">The checkpoint; the model's to dispose from here on.</param>
    /// <param name="dtype">What matrices are multiplied in: <c>float32</c>, <c>bfloat16</c> or, slow on a CPU, <c>float16</c>, whatever is stored.</param>
    /// <param name="device">
    /// <c>cpu</c>, <c>cuda</c>, <c>cuda:N</c> or <c>auto</c>, the default: every GPU there is, filled in order, or the CPU. <see cref="DeviceMap"/> says what came of it.
    /// </param>
    /// <param name="residency">Whether weights stay in memory or are read anew, layer by layer, in each pass; by default as memory allows.</param>
    /// <returns>The model; the caller's to dispose.</returns>
    /// <exception cref="PatchKernelException">There is no such dtype or device, its free memory isn't known or is too little, or a file can't be read.</exception>
    public static LanguageModel Load(Checkpoint checkpoint, string dtype = "float32", string? device = null, Residency residency = Residency.Auto) =>
        Load(checkpoint, dtype, device, residency, HostStop.Or(CancellationToken.None));

    private static LanguageModel Load(Checkpoint checkpoint, string dtype, string? device, Residency residency, CancellationToken cancel)
    {
        TorchRuntime.EnsureLoaded();
        using var noGrad = no_grad();
        checkpoint.SettleHead(); // may change the config
        ComputeThreads.Choose(checkpoint.Config);
        var (compute, config) = (ComputeDtype.Parse(dtype), checkpoint.Config);
        var map = DeviceMap.Choose(config, compute, device, residency);
        var weights = OutOfMemory.Guard(() => new PlacedWeights(config, map, Read, checkpoint.ReadRows, compute));
        cancel = CancellationToken.None; // what streams is read again in every pass, which has a token of its own
        return new LanguageModel(checkpoint.Name, config, weights, compute, checkpoint);

        Tensor Read(WeightSpec weight, ScalarType wanted, Device place)
        {
            cancel.ThrowIfCancellationRequested();
            return checkpoint.Read(weight, wanted, place).DetachFromDisposeScope();
        }
    }

    /// <summary>The name of the checkpoint's folder or file.</summary>
    public string Name { get; }

    /// <summary>Shape and constants.</summary>
    public ModelConfig Config { get; }

    /// <summary>The checkpoint's tokenizer, or null where it has none that can be used; <see cref="Warnings"/> says why where there is a file.</summary>
    public Tokenizer? Tokenizer => checkpoint is { HasTokenizer: true } ? checkpoint.Tokenizer : null;

    /// <summary>The checkpoint's tokenizer and chat template.</summary>
    /// <exception cref="PatchKernelException">It has none that can be used.</exception>
    internal (ChatTemplate Template, Tokenizer Tokenizer) Chat => checkpoint is { } files
        ? (files.ChatTemplate, files.Tokenizer)
        : throw new PatchKernelException($"The model '{Name}' has no chat template, since it wasn't read from files: give the prompt as a plain text or as ids.");

    /// <summary>The tokens at which the model ends its text; empty where its files name none.</summary>
    /// <exception cref="PatchKernelException">The file that names them can't be read.</exception>
    public IReadOnlyList<int> EndOfTextIds => checkpoint?.EndOfTextIds ?? [];

    /// <summary>What is odd about the checkpoint, its tokenizer and the dtype on these devices, one sentence each; empty when nothing is.</summary>
    public IReadOnlyList<string> Warnings => [.. checkpoint?.Warnings ?? [], .. SlowDtype.Warnings(Dtype, DeviceMap)];

    /// <summary>Where each part is, and what computes it.</summary>
    public DeviceMap DeviceMap => Weights.Map;

    /// <summary>Name, size and compute dtype, for results.</summary>
    public ModelSummary Summary => new(Name, Config.NLayers, Config.NHeads, ComputeDtype.Name(Dtype));

    /// <summary>Name, size, dtype and device.</summary>
    public override string ToString()
    {
        var size = FormattableString.Invariant($"d_model {Config.DModel}, {ModelTree.Of(Config).Parameters:N0} parameters");
        return $"{Name}: {Config.NLayers} layers, {Config.NHeads} heads, {size}, {ComputeDtype.Name(Dtype)} on {DeviceMap.Places}";
    }

    internal ScalarType Dtype { get; }

    internal IWeightSource Weights { get; }

    internal Norm FinalNorm => Weights.FinalNorm;

    internal Unembedding Unembedding { get; }

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        Weights.Dispose();
        checkpoint?.Dispose();
    }

    /// <summary>
    /// Logits at the last position of several runs, [runs, d_vocab], float32, on the unembedding's device; owned by the caller's dispose scope. A run of which
    /// more positions are read has as many rows. The runs go through the layers side by side, so that each weight is handed over once. Nobody has looked
    /// whether the logits are finite.
    /// </summary>
    /// <param name="runs">A tap may read, in a layer, what the taps of earlier runs kept there.</param>
    /// <param name="cancel">Stops the runs before their next layer.</param>
    internal Tensor LastLogits(IReadOnlyList<TappedRun> runs, CancellationToken cancel)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var streams = new ForwardPass(this).Streams(runs, cancel);
        var read = streams.Zip(runs, (stream, run) => stream[0].narrow(0, run.Ids.Count - run.Read, run.Read));
        return scope.MoveToOuter(Unembedding.Forward(cat([.. read])));
    }

    /// <summary>The same model computing in float32 or float64, its weights widened a layer at a time; reads this one's, which it must not outlive.</summary>
    internal LanguageModel Widened(ScalarType dtype = ScalarType.Float32) => new(Name, Config, new WidenedWeights(Weights, dtype), dtype);

    /// <summary>What enters the first block: token embeddings, scaled and with their positions' where the model has it so.</summary>
    /// <param name="ids">The tokens.</param>
    /// <param name="from">The first one's position.</param>
    /// <returns>[batch = 1, pos, d_model], float32, on the first layer's device; owned by the caller's dispose scope.</returns>
    internal Tensor Embed(IReadOnlyList<int> ids, int from = 0)
    {
        using var scope = NewDisposeScope();
        var embedded = Weights.EmbeddingRows(ids);
        if (Config.Parts.EmbeddingScale is not 1 and var scale) embedded = embedded.Times(scale);
        if (Weights.Positions is { } positions) embedded = embedded.Plus(positions.narrow(0, from, ids.Count));
        return scope.MoveToOuter(embedded.unsqueeze(0));
    }

    /// <summary>The standard deviation over all entries of the embedding, scaled as the first block reads it.</summary>
    internal float EmbeddingStandardDeviation()
    {
        using var noGrad = no_grad();
        double sum = 0, squares = 0;
        foreach (var ids in Enumerable.Range(0, Config.DVocab).Chunk(4096))
        {
            using var chunkScope = NewDisposeScope();
            var rows = Weights.EmbeddingRows(ids).to(ScalarType.Float64);
            sum += rows.sum().item<double>();
            squares += (rows * rows).sum().item<double>();
        }
        var entries = (double)Config.DVocab * Config.DModel;
        return (float)(Config.Parts.EmbeddingScale * Math.Sqrt(squares / entries - Math.Pow(sum / entries, 2)));
    }

    /// <summary>A layer's rotary embedding at the last positions of a run, on the layer's device.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="from">The first position.</param>
    /// <param name="length">Tokens of the run.</param>
    internal Rotation Rotation(int layer, int from, int length)
    {
        using var positions = arange(Scalars.Of(from), Scalars.Of(length), Scalars.Of(1), ScalarType.Int64);
        return RotaryEmbedding.At(Config, layer, positions, length).To(DeviceMap.Layer(layer).RunsOn);
    }
}
