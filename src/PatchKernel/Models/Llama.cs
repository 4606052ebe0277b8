using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>A Llama model: token ids in, logits out, every activation open to a tap.</summary>
/// <remarks>Touvron et al. 2023, arXiv:2302.13971; Dubey et al. 2024, arXiv:2407.21783. Owns its weights.</remarks>
public sealed class Llama : IDisposable
{
    private readonly RotaryEmbedding rope;
    private readonly Checkpoint? checkpoint;

    internal Llama(string name, LlamaConfig config, WeightReader read, ScalarType dtype, Device device, Checkpoint? checkpoint = null)
    {
        using var noGrad = no_grad();
        (Name, Config, Dtype, Device, this.checkpoint) = (name, config, dtype, device, checkpoint);
        Weights = new WeightSource(config, read, dtype);
        FinalNorm = new RmsNorm(Weights.FinalNorm, config.NormEpsilon);
        Unembedding = new Unembedding(Weights.Unembedding);
        rope = new RotaryEmbedding(config, device);
    }

    /// <summary>Reads a model from a checkpoint folder: config.json, *.safetensors and, where there is one, tokenizer.json.</summary>
    /// <param name="folder">The checkpoint's folder.</param>
    /// <param name="dtype">What matrices are multiplied in: <c>float32</c>, <c>bfloat16</c> or <c>float16</c>, whatever is stored.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>; by default the first GPU where there is one, else the CPU.</param>
    /// <returns>The model; the caller's to dispose.</returns>
    /// <exception cref="PatchKernelException">The folder has no checkpoint that this library can run; the message says why.</exception>
    public static Llama Load(string folder, string dtype = "float32", string? device = null)
    {
        var checkpoint = Checkpoint.Open(folder);
        try
        {
            return Load(checkpoint, dtype, device);
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
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>; by default the first GPU where there is one, else the CPU.</param>
    /// <returns>The model; the caller's to dispose.</returns>
    /// <exception cref="PatchKernelException">There is no such dtype or device.</exception>
    public static Llama Load(Checkpoint checkpoint, string dtype = "float32", string? device = null)
    {
        TorchRuntime.EnsureLoaded();
        var place = ComputeDevice.Parse(device);
        return new Llama(checkpoint.Name, checkpoint.Config, Read, ComputeDtype.Parse(dtype), place, checkpoint);

        Tensor Read(WeightSpec weight, ScalarType wanted) => checkpoint.Read(weight, wanted, place).DetachFromDisposeScope();
    }

    /// <summary>The checkpoint folder's name.</summary>
    public string Name { get; }

    /// <summary>Shape and constants.</summary>
    public LlamaConfig Config { get; }

    /// <summary>The checkpoint's tokenizer, or null where it has none.</summary>
    public Tokenizer? Tokenizer => checkpoint is { HasTokenizer: true } ? checkpoint.Tokenizer : null;

    /// <summary>What is odd about the checkpoint, one sentence each; empty when nothing is.</summary>
    public IReadOnlyList<string> Warnings => checkpoint?.Warnings ?? [];

    /// <summary>Name, size and compute dtype, for results.</summary>
    public ModelSummary Summary => new(Name, Config.NLayers, Config.NHeads, ComputeDtype.Name(Dtype));

    internal ScalarType Dtype { get; }

    internal Device Device { get; }

    internal WeightSource Weights { get; }

    internal RmsNorm FinalNorm { get; }

    internal Unembedding Unembedding { get; }

    /// <summary>Logits at every position.</summary>
    /// <param name="ids">Token ids, one prompt.</param>
    /// <param name="tap">Sees each activation, and may replace it; null for none.</param>
    /// <returns>[batch = 1, pos, d_vocab], float32; owned by the caller's dispose scope.</returns>
    /// <exception cref="PatchKernelException">There are no ids, or one is outside the vocabulary.</exception>
    public Tensor Forward(IReadOnlyList<int> ids, ITap? tap = null)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(Unembedding.Forward(Stream(ids, tap ?? NoTap.Instance, CancellationToken.None)));
    }

    /// <summary>Logits at the last position alone, as a managed array; the other positions are never unembedded.</summary>
    /// <param name="ids">Token ids, one prompt.</param>
    /// <param name="tap">Sees each activation, and may replace it; null for none.</param>
    /// <param name="cancel">Stops the run before its next layer.</param>
    /// <returns>[d_vocab].</returns>
    /// <exception cref="PatchKernelException">There are no ids, or one is outside the vocabulary.</exception>
    public float[] NextTokenLogits(IReadOnlyList<int> ids, ITap? tap = null, CancellationToken cancel = default)
    {
        using var logits = LastLogits(ids, tap ?? NoTap.Instance, cancel);
        return logits.ToFloats();
    }

    /// <summary>Runs a prompt and keeps its activations.</summary>
    /// <param name="ids">Token ids, one prompt.</param>
    /// <param name="wanted">What to keep; everything when empty.</param>
    /// <returns>The run; the caller's to dispose.</returns>
    public CachedRun RunWithCache(IReadOnlyList<int> ids, params IReadOnlyCollection<Activation> wanted)
    {
        var cache = new ActivationCache(wanted);
        try
        {
            return new CachedRun(NextTokenLogits(ids, cache), cache);
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

    /// <summary>Logits at the last position, [d_vocab], float32, on the model's device; owned by the caller's dispose scope.</summary>
    internal Tensor LastLogits(IReadOnlyList<int> ids, ITap tap, CancellationToken cancel)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(Unembedding.Forward(Stream(ids, tap, cancel)[0, -1]));
    }

    /// <summary>The stream after the final norm, [batch, pos, d_model].</summary>
    private Tensor Stream(IReadOnlyList<int> ids, ITap tap, CancellationToken cancel)
    {
        CheckIds(ids);
        using var scope = NewDisposeScope();
        var rotation = rope.At(arange(ids.Count, device: Device));
        var mask = CausalMask(ids.Count);
        var resid = tap.Visit(Activation.Embed, 0, Embed(ids));
        for (var layer = 0; layer < Config.NLayers; layer++)
        {
            cancel.ThrowIfCancellationRequested();
            resid = Block(layer).Forward(resid, rotation, mask, tap);
        }
        return scope.MoveToOuter(tap.Visit(Activation.FinalNorm, Config.NLayers - 1, FinalNorm.Forward(resid)));
    }

    /// <summary>One layer, with the weights that the source gives for it now.</summary>
    internal Block Block(int layer) => new(Config, layer, Weights.Layer(layer));

    /// <summary>Token embeddings, [batch = 1, pos, d_model], float32.</summary>
    internal Tensor Embed(IReadOnlyList<int> ids)
    {
        using var scope = NewDisposeScope();
        var rows = Weights.Embedding.index_select(0, tensor(ids.ToArray(), device: Device));
        return scope.MoveToOuter(rows.to(ScalarType.Float32).unsqueeze(0));
    }

    /// <summary>0 where a position sees a key and −∞ elsewhere, [query_pos, key_pos].</summary>
    internal Tensor CausalMask(int length)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(full(length, length, float.NegativeInfinity, device: Device).triu(1));
    }

    private void CheckIds(IReadOnlyList<int> ids)
    {
        if (ids.Count == 0) throw new PatchKernelException("The prompt is empty; give it at least one token.");
        foreach (var id in ids)
            if (id < 0 || id >= Config.DVocab)
                throw new PatchKernelException($"Token id {id} is outside the model's vocabulary of {Config.DVocab}; ids run from 0 to {Config.DVocab - 1}.");
    }
}
