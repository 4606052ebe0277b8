using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>A tap that replaces an activation of one layer, or one position or head of it: the intervention of activation patching.</summary>
/// <remarks>Vig et al. 2020, arXiv:2004.12265; Meng et al. 2022, arXiv:2202.05262 ("causal tracing").</remarks>
/// <param name="site">The activation to patch.</param>
/// <param name="layer">The block to patch it in.</param>
/// <param name="pos">The position to replace, of a pattern the query row; null for all.</param>
/// <param name="source">Where the new value comes from: the whole activation, axes as at <see cref="Activation"/>; the caller's to dispose.</param>
/// <param name="head">The head to replace; null for all, and for activations that have none.</param>
public sealed class Patch(Activation site, int layer, int? pos, Tensor source, int? head = null) : ITap
{
    private readonly int patchedLayer = layer;

    /// <inheritdoc/>
    public bool Wants(Activation activation, int layer) => activation == site && layer == patchedLayer;

    /// <inheritdoc/>
    public Tensor Visit(Activation activation, int layer, Tensor value)
    {
        if (!Wants(activation, layer)) return value;
        using var scope = NewDisposeScope();
        var patched = value.clone();
        Replaced(patched).copy_(Replaced(source));
        return scope.MoveToOuter(patched);
    }

    private Tensor Replaced(Tensor value)
    {
        var (posAxis, headAxis) = site == Activation.Pattern ? (2, 1) : (1, 2);
        if (pos is { } one) value = value.narrow(posAxis, one, 1);
        return head is { } index ? value.narrow(headAxis, index, 1) : value;
    }
}
