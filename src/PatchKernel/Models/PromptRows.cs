using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>The positions of one prompt in one block, watched by a tap.</summary>
/// <param name="tap">Sees each activation with a batch axis of 1 in front.</param>
/// <param name="layer">The block.</param>
/// <param name="rotation">The rotary embedding at the rows' positions.</param>
/// <param name="past">Keys and values of the positions before these, to which these are added; null where these are the first, and the last.</param>
internal sealed class PromptRows(ITap tap, int layer, Rotation rotation, KeyValues? past) : IBlockRows
{
    public bool Wants(Activation activation) => tap.Wants(activation, layer);

    public Tensor Visit(Activation activation, Tensor packed)
    {
        if (!Wants(activation)) return packed;
        using var scope = NewDisposeScope();
        // An alias, which is the block's own to free: a tap may return a tensor of somebody else's.
        return scope.MoveToOuter(tap.Visit(activation, layer, packed.unsqueeze(0)).squeeze(0));
    }

    public Tensor Queried(Tensor packed) => packed;

    public Tensor Mix(Attention attention, Tensor q, Tensor k, Tensor v)
    {
        using var scope = NewDisposeScope();
        var (turnedQ, turnedK) = (attention.ReadyQueries(q, rotation), attention.ReadyKeys(k, rotation));
        var z = attention.Mix(
            turnedQ.unsqueeze(0), turnedK.unsqueeze(0), v.unsqueeze(0), past?.Of(layer) ?? default, Wants(Activation.Pattern) ? VisitPattern : null);
        past?.Add(layer, turnedK, v);
        return scope.MoveToOuter(z.squeeze(0));
    }

    /// <summary>[batch = 1, n_kv_heads, group, queries, keys] as the tap has it, [batch, n_heads, query_pos, key_pos].</summary>
    private Tensor VisitPattern(Tensor grouped)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(tap.Visit(Activation.Pattern, layer, grouped.flatten(1, 2)).reshape(grouped.shape));
    }
}
