using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>A run that kept its activations.</summary>
public sealed class CachedRun : IDisposable
{
    private readonly ActivationCache cache;

    internal CachedRun(float[] nextTokenLogits, ActivationCache cache) => (NextTokenLogits, this.cache) = (nextTokenLogits, cache);

    /// <summary>Logits at the last position, [d_vocab].</summary>
    public float[] NextTokenLogits { get; }

    /// <summary>A kept activation; axes as at <see cref="Activation"/>, with batch = 1. The run's to dispose.</summary>
    public Tensor this[Activation activation, int layer] => cache[activation, layer];

    /// <summary>Frees every kept tensor.</summary>
    public void Dispose() => cache.Dispose();
}
