using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>A tap that keeps the activations it was asked for, and owns them until it is disposed.</summary>
/// <param name="wanted">What to keep; all of them when empty.</param>
public sealed class ActivationCache(params IReadOnlyCollection<Activation> wanted) : ITap, IDisposable
{
    private readonly bool wantsAll = wanted.Count == 0;
    private readonly HashSet<Activation> wanted = [.. wanted.Count == 0 ? Enum.GetValues<Activation>() : wanted.Select(activation => activation.Known())];
    private readonly Dictionary<(Activation, int), Tensor> kept = [];

    /// <summary>A kept activation; axes as at <see cref="Activation"/>, float32. The cache's to dispose.</summary>
    /// <exception cref="PatchKernelException">The activation wasn't asked for, or no run passed the layer.</exception>
    public Tensor this[Activation activation, int layer] => kept.TryGetValue((activation, layer), out var value)
        ? value
        : throw new PatchKernelException($"The cache has no {activation.Name()} of layer {layer}; it keeps {string.Join(", ", wanted.Order().Select(ActivationNames.Name))}.");

    /// <summary>Keeps only the newest layer of each activation.</summary>
    internal bool NewestLayerAlone { get; init; }

    /// <summary>The kinds of activation that are there, in the order of the forward pass.</summary>
    internal IReadOnlyList<Activation> Kept => [.. kept.Keys.Select(key => key.Item1).Distinct().Order()];

    /// <inheritdoc/>
    /// <exception cref="PatchKernelException">It was asked for an activation that the model doesn't make.</exception>
    public ITap Begin(RunShape run)
    {
        if (!wantsAll)
            foreach (var activation in wanted) run.CheckMakes(activation);
        return this;
    }

    /// <inheritdoc/>
    public bool Wants(Activation activation, int layer) => wanted.Contains(activation);

    /// <inheritdoc/>
    /// <remarks>Nothing in a forward pass writes to a tapped value in place, so keeping it costs no copy.</remarks>
    public Tensor Visit(Activation activation, int layer, Tensor value)
    {
        if (!wanted.Contains(activation)) return value;
        if (kept.Remove((activation, layer), out var same)) same.Dispose();
        if (NewestLayerAlone && kept.Remove((activation, layer - 1), out var earlier)) earlier.Dispose();
        kept[(activation, layer)] = value.detach().DetachFromDisposeScope();
        return value;
    }

    /// <summary>Frees every kept tensor.</summary>
    public void Dispose()
    {
        foreach (var value in kept.Values) value.Dispose();
        kept.Clear();
    }
}
