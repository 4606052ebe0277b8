using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>A tap that replaces one position of one activation: the intervention of activation patching.</summary>
/// <remarks>Vig et al. 2020, arXiv:2004.12265; Meng et al. 2022, arXiv:2202.05262 ("causal tracing").</remarks>
/// <param name="site">The activation to patch; its second axis is pos.</param>
/// <param name="layer">The block to patch it in.</param>
/// <param name="pos">The position to replace.</param>
/// <param name="source">Where the new value comes from, [batch, pos, …], as the patched run's; the caller's to dispose.</param>
public sealed class Patch(Activation site, int layer, int pos, Tensor source) : ITap
{
    private readonly int patchedLayer = layer;

    /// <inheritdoc/>
    public Tensor Visit(Activation activation, int layer, Tensor value)
    {
        if (activation != site || layer != patchedLayer) return value;
        using var replacement = source.select(1, pos);
        return value.select_scatter(replacement, 1, pos);
    }
}
