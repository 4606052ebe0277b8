using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>A run that kept its activations.</summary>
public sealed class CachedRun : ModelRun, IDisposable
{
    private readonly ActivationCache cache;

    internal CachedRun(string modelName, Prompt prompt, float[] nextTokenLogits, Tokenizer? tokenizer, ActivationCache cache)
        : base(modelName, prompt, nextTokenLogits, tokenizer) => this.cache = cache;

    /// <summary>The activations that it keeps; empty once it is disposed of.</summary>
    public IReadOnlyList<Activation> Kept => cache.Kept;

    /// <summary>A kept activation; axes as at <see cref="Activation"/>, with batch = 1. The run's to dispose.</summary>
    public Tensor this[Activation activation, int layer] => cache[activation, layer];

    internal override string Remark => Kept.Count == 0 ? "; disposed of" : $"; keeps {string.Join(", ", Kept.Select(ActivationNames.Name))}";

    /// <summary>Frees every kept tensor.</summary>
    public void Dispose() => cache.Dispose();
}
