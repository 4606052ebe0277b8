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

    private (int Pos, int Head) Axes => site == Activation.Pattern ? (2, 1) : (1, 2);

    private bool HasHeads => site is Activation.Q or Activation.K or Activation.V or Activation.Z or Activation.Pattern;

    /// <inheritdoc/>
    public bool Wants(Activation activation, int layer) => activation == site && layer == patchedLayer;

    /// <inheritdoc/>
    /// <exception cref="PatchKernelException">The run has no such layer, position or head: the patch would do nothing, and look like a patch without effect.</exception>
    public void Begin(RunShape run)
    {
        var (first, last) = site switch { Activation.Embed => (0, 0), Activation.FinalNorm => (run.Layers - 1, run.Layers - 1), _ => (0, run.Layers - 1) };
        if (patchedLayer < first || patchedLayer > last) throw Missing($"layer {patchedLayer}", "layer", first, last);
        CheckPlace(run.Positions, site is Activation.K or Activation.V ? run.KeyValueHeads : run.Heads);
    }

    /// <inheritdoc/>
    /// <exception cref="PatchKernelException">The value has no such position or head, or the source has another shape.</exception>
    public Tensor Visit(Activation activation, int layer, Tensor value)
    {
        if (!Wants(activation, layer)) return value;
        CheckPlace(value.shape[Axes.Pos], HasHeads ? value.shape[Axes.Head] : 0);
        if (!value.shape.SequenceEqual(source.shape))
            throw new PatchKernelException(
                $"The patch of {site.Name()} in layer {layer} brings {Excerpt.Shape(source.shape)} where the run has {Excerpt.Shape(value.shape)}; "
                + "take the same activation of a prompt with as many tokens.");
        using var scope = NewDisposeScope();
        var patched = value.clone();
        Replaced(patched).copy_(Replaced(source));
        return scope.MoveToOuter(patched);
    }

    private void CheckPlace(long positions, long heads)
    {
        if (pos < 0 || pos >= positions) throw Missing($"position {pos}", "position", 0, positions - 1);
        if (head is null) return;
        if (!HasHeads) throw new PatchKernelException($"The patch of {site.Name()} names head {head}, and {site.Name()} has no heads; leave the head out.");
        if (head < 0 || head >= heads) throw Missing($"head {head}", "head", 0, heads - 1);
    }

    private PatchKernelException Missing(string place, string axis, long first, long last) => new(
        $"The patch of {site.Name()} is at {place}, and there it has {(first == last ? $"{axis} {first} alone" : $"{axis}s {first} to {last}")}; choose one of these.");

    private Tensor Replaced(Tensor value)
    {
        if (pos is { } one) value = value.narrow(Axes.Pos, one, 1);
        return head is { } index ? value.narrow(Axes.Head, index, 1) : value;
    }
}
