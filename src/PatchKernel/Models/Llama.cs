using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>A Llama model: token ids in, logits out, every activation open to a tap.</summary>
/// <remarks>Touvron et al. 2023, arXiv:2302.13971; Dubey et al. 2024, arXiv:2407.21783. Owns its weights.</remarks>
[TypeFormatterSource(typeof(HtmlFormatterSource))]
public sealed class Llama : IDisposable, IShowsHtml
{
    private readonly RotaryEmbedding rope;
    private readonly Checkpoint? checkpoint;

    internal Llama(string name, LlamaConfig config, IWeightSource weights, ScalarType dtype, Checkpoint? checkpoint = null)
    {
        (Name, Config, Weights, Dtype, this.checkpoint) = (name, config, weights, dtype, checkpoint);
        FinalNorm = new RmsNorm(weights.FinalNorm, config.NormEpsilon);
        Unembedding = new Unembedding(config, weights);
        rope = new RotaryEmbedding(config);
    }

    /// <summary>Reads a model from a checkpoint folder, a GGUF file or the Hugging Face hub.</summary>
    /// <param name="model">
    /// A folder's path, a GGUF file's, or a name on the hub, <c>org/name</c> or <c>org/name@revision</c>; <see cref="Checkpoint.Open"/> has more.
    /// </param>
    /// <param name="dtype">What matrices are multiplied in: <c>float32</c>, <c>bfloat16</c> or <c>float16</c>, whatever is stored.</param>
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
    public static Llama Load(
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
    /// <param name="dtype">What matrices are multiplied in: <c>float32</c>, <c>bfloat16</c> or <c>float16</c>, whatever is stored.</param>
    /// <param name="device">
    /// <c>cpu</c>, <c>cuda</c>, <c>cuda:N</c> or <c>auto</c>, the default: every GPU there is, filled in order, or the CPU. <see cref="DeviceMap"/> says what came of it.
    /// </param>
    /// <param name="residency">Whether weights stay in memory or are read anew, layer by layer, in each pass; by default as memory allows.</param>
    /// <returns>The model; the caller's to dispose.</returns>
    /// <exception cref="PatchKernelException">There is no such dtype or device, its free memory can't be told or is too little, or a file can't be read.</exception>
    public static Llama Load(Checkpoint checkpoint, string dtype = "float32", string? device = null, Residency residency = Residency.Auto) =>
        Load(checkpoint, dtype, device, residency, HostStop.Or(CancellationToken.None));

    private static Llama Load(Checkpoint checkpoint, string dtype, string? device, Residency residency, CancellationToken cancel)
    {
        TorchRuntime.EnsureLoaded();
        using var noGrad = no_grad();
        checkpoint.SettleHead(); // may change the config
        ComputeThreads.Choose(checkpoint.Config);
        var (compute, config) = (ComputeDtype.Parse(dtype), checkpoint.Config);
        var map = DeviceMap.Choose(config, compute, device, residency);
        var weights = OutOfMemory.Guard(() => new PlacedWeights(config, map, Read, checkpoint.ReadRows, compute));
        cancel = CancellationToken.None; // what streams is read again in every pass, which has a token of its own
        return new Llama(checkpoint.Name, config, weights, compute, checkpoint);

        Tensor Read(WeightSpec weight, ScalarType wanted, Device place)
        {
            cancel.ThrowIfCancellationRequested();
            return checkpoint.Read(weight, wanted, place).DetachFromDisposeScope();
        }
    }

    /// <summary>The name of the checkpoint's folder or file.</summary>
    public string Name { get; }

    /// <summary>Shape and constants.</summary>
    public LlamaConfig Config { get; }

    /// <summary>The checkpoint's tokenizer, or null where it has none that can be used; <see cref="Warnings"/> says why where there is a file.</summary>
    public Tokenizer? Tokenizer => checkpoint is { HasTokenizer: true } ? checkpoint.Tokenizer : null;

    /// <summary>What is odd about the checkpoint and its tokenizer, one sentence each; empty when nothing is.</summary>
    public IReadOnlyList<string> Warnings => checkpoint?.Warnings ?? [];

    /// <summary>Where each part is, and what computes it.</summary>
    public DeviceMap DeviceMap => Weights.Map;

    /// <summary>Name, size and compute dtype, for results.</summary>
    public ModelSummary Summary => new(Name, Config.NLayers, Config.NHeads, ComputeDtype.Name(Dtype));

    /// <summary>Name and size, and the tree of modules to unfold.</summary>
    public string ToHtml() => ModelOutline.Of(this);

    /// <summary>Name, size, dtype and device.</summary>
    public override string ToString()
    {
        var size = FormattableString.Invariant($"d_model {Config.DModel}, {ModelTree.Of(Config).Parameters:N0} parameters");
        return $"{Name}: {Config.NLayers} layers, {Config.NHeads} heads, {size}, {ComputeDtype.Name(Dtype)} on {DeviceMap.Places}";
    }

    internal ScalarType Dtype { get; }

    internal IWeightSource Weights { get; }

    internal RmsNorm FinalNorm { get; }

    internal Unembedding Unembedding { get; }

    /// <summary>Logits at every position.</summary>
    /// <param name="ids">Token ids, one prompt.</param>
    /// <param name="tap">Sees each activation, and may replace it; null for none.</param>
    /// <returns>[batch = 1, pos, d_vocab], float32; owned by the caller's dispose scope.</returns>
    /// <exception cref="PatchKernelException">There are no ids, one is outside the vocabulary, or a logit is infinite or not a number.</exception>
    public Tensor Forward(IReadOnlyList<int> ids, ITap? tap = null)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        TappedRun run = new(ids, tap ?? NoTap.Instance);
        var cancel = HostStop.Or(CancellationToken.None);
        var logits = Unembedding.Forward(new ForwardPass(this).Streams([run], cancel)[0]);
        NonFinite.Refuse(this, [run], logits, cancel);
        return scope.MoveToOuter(logits);
    }

    /// <summary>Logits at the last position alone, as a managed array; the other positions are never unembedded.</summary>
    /// <param name="ids">Token ids, one prompt.</param>
    /// <param name="tap">Sees each activation, and may replace it; null for none.</param>
    /// <param name="cancel">Stops the run before its next layer; in a notebook, the stop button does where none is given.</param>
    /// <returns>[d_vocab].</returns>
    /// <exception cref="PatchKernelException">There are no ids, one is outside the vocabulary, or a logit is infinite or not a number.</exception>
    public float[] NextTokenLogits(IReadOnlyList<int> ids, ITap? tap = null, CancellationToken cancel = default)
    {
        TappedRun run = new(ids, tap ?? NoTap.Instance);
        using var logits = LastLogits([run], HostStop.Or(cancel));
        NonFinite.Refuse(this, [run], logits, HostStop.Or(cancel));
        return logits.ToFloats();
    }

    /// <summary>A prompt's best next tokens.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="PatchKernelException">The prompt is empty, it has an id outside the vocabulary, or a logit is infinite or not a number.</exception>
    public Prediction Predict(Prompt prompt, int count = 10) => Prediction.Of(prompt, NextTokenLogits(prompt.Ids), count, Tokenizer);

    /// <summary>Runs a prompt and keeps its activations.</summary>
    /// <param name="ids">Token ids, one prompt.</param>
    /// <param name="wanted">What to keep; everything when empty.</param>
    /// <returns>The run; the caller's to dispose.</returns>
    public CachedRun RunWithCache(IReadOnlyList<int> ids, params IReadOnlyCollection<Activation> wanted) =>
        RunWithCache(new Prompt(null, ids, Tokenizer is { } tokenizer ? [.. ids.Select(tokenizer.TokenText)] : null), wanted);

    /// <summary>Runs a prompt and keeps its activations.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="wanted">What to keep; everything when empty.</param>
    /// <returns>The run; the caller's to dispose.</returns>
    public CachedRun RunWithCache(Prompt prompt, params IReadOnlyCollection<Activation> wanted)
    {
        var cache = new ActivationCache(wanted);
        try
        {
            var kept = Enum.GetValues<Activation>().Where(activation => cache.Wants(activation, 0)).Sum(activation =>
                ActivationSize.Of(activation, Config, prompt.Length) * (activation is Activation.Embed or Activation.FinalNorm ? 1 : Config.NLayers));
            if (kept > int.MaxValue / sizeof(float)) MemoryRoom.Of(this, given: null).RefuseLess(sizeof(float) * kept, $"Keeping so many activations of {prompt.Length:N0} tokens");
            return new CachedRun(Name, prompt, NextTokenLogits(prompt.Ids, cache), Tokenizer, cache);
        }
        catch
        {
            cache.Dispose();
            throw;
        }
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        Weights.Dispose();
        rope.Dispose();
        checkpoint?.Dispose();
    }

    /// <summary>
    /// Logits at the last position of several runs, [runs, d_vocab], float32, on the unembedding's device; owned by the caller's dispose scope. They
    /// go through the layers side by side, so that each weight is handed over once. Nobody has looked whether they are finite.
    /// </summary>
    /// <param name="runs">A tap may read, in a layer, what the taps of earlier runs kept there.</param>
    /// <param name="cancel">Stops the runs before their next layer.</param>
    internal Tensor LastLogits(IReadOnlyList<TappedRun> runs, CancellationToken cancel)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(Unembedding.Forward(cat([.. new ForwardPass(this).Streams(runs, cancel).Select(stream => stream.select(1, -1))])));
    }

    /// <summary>The same model computing in float32, its weights widened a layer at a time; reads this one's, which it must not outlive.</summary>
    internal Llama Widened() => new(Name, Config, new WidenedWeights(Weights), ScalarType.Float32);

    /// <summary>Token embeddings, [batch = 1, pos, d_model], float32, on the first layer's device.</summary>
    internal Tensor Embed(IReadOnlyList<int> ids)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(Weights.EmbeddingRows(ids).unsqueeze(0));
    }

    /// <summary>The standard deviation over all entries of the embedding.</summary>
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
        return (float)Math.Sqrt(squares / entries - Math.Pow(sum / entries, 2));
    }

    /// <summary>The rotary embedding at the first positions, on a device.</summary>
    internal Rotation Rotation(int length, Device device)
    {
        using var positions = arange(Scalars.Of(length), ScalarType.Int64);
        return rope.At(positions).To(device);
    }
}
