using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>A site inside attention: a cell replaces one head, at one position or at all.</summary>
/// <remarks>A patched head changes attn_out by its own slice of W_O alone, so a row starts with the base run's stream and that difference.</remarks>
internal abstract class HeadSite(bool eachPosition) : Site
{
    /// <summary>Whether a cell is one position, not all.</summary>
    protected bool EachPosition { get; } = eachPosition;

    public override IReadOnlyList<string> Axes { get; } = eachPosition ? ["layer", "pos", "head"] : ["layer", "head"];

    public sealed override Stage Stage => Stage.Mlp;

    public override int Heads(LlamaConfig config) => config.NHeads;

    /// <summary>The index of a cell within its layer.</summary>
    protected virtual int CellOf(int pos, int head, LayerView layer) => EachPosition ? pos * Heads(layer.Config) + head : head;

    /// <summary>The stream entering the MLP when z is another, for each group of heads by itself.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="z">The other z, [positions, n_heads, d_head], from <paramref name="first"/> on.</param>
    /// <param name="first">The first position.</param>
    /// <returns>[groups, positions, d_model]; a group is one of the site's heads.</returns>
    protected Tensor Stream(LayerView layer, Tensor z, int first)
    {
        using var scope = NewDisposeScope();
        var change = (z - layer.Base(Activation.Z, first)).reshape(z.shape[0], Heads(layer.Config), -1); // [positions, groups, heads · d_head]
        return scope.MoveToOuter(layer.Base(Activation.ResidMid, first).Plus(layer.Block.Attention.OutputOfEach(change)));
    }
}
