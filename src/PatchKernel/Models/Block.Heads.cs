using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <content>Gradients as heads read the stream.</content>
internal sealed partial class Block
{
    /// <summary>
    /// Gradients with respect to the stream as each head's query, key and value reads it, summed over runs that differ in the stream. A norm's gradient is a multiple of what
    /// comes in less its part along the normed row, so the sum is taken before each head's gradient gets as wide as the stream.
    /// </summary>
    /// <param name="residPre">The streams, [sets · runs · pos, d_model].</param>
    /// <param name="runs">Over how many runs each set's sum goes.</param>
    /// <param name="length">Each run's tokens.</param>
    /// <param name="q">Gradients with respect to queries, [sets · runs · pos, n_heads, d_head].</param>
    /// <param name="k">With respect to keys, [sets · runs · pos, n_kv_heads, d_head].</param>
    /// <param name="v">With respect to values.</param>
    /// <returns>[n_heads + 2 · n_kv_heads, sets · pos, d_model]; owned by the caller's dispose scope.</returns>
    public Tensor BeforeHeads(Tensor residPre, int runs, int length, Tensor q, Tensor k, Tensor v)
    {
        using var scope = NewDisposeScope();
        if (attentionNorm is null) return scope.MoveToOuter(Attention.GradientsOfHeads(Sum(q), Sum(k), Sum(v)));
        var (normed, inverse) = attentionNorm.Parts(residPre);
        var each = inverse.unsqueeze(-1);
        var heads = Attention.GradientsOfHeads(Sum(q * each), Sum(k * each), Sum(v * each));
        if (attentionNorm.Scale is { } scale) heads = heads * scale;
        var along = Attention.ProductsOfHeads(attentionNorm.Scale is { } own ? normed * own : normed, q, k, v); // [rows, receivers]
        var parts = Sets(along).permute(0, 2, 3, 1).matmul(Sets((normed * inverse).Over(normed.shape[1])).transpose(1, 2)); // [sets, pos, receivers, d_model]
        var back = heads - parts.permute(2, 0, 1, 3).reshape(heads.shape);
        return scope.MoveToOuter(attentionNorm.Kind.TakesMean ? back - back.mean([-1], keepdim: true) : back);

        Tensor Sets(Tensor rows) => rows.view([-1, runs, length, .. rows.shape[1..]]);

        Tensor Sum(Tensor rows) => runs == 1 ? rows : Sets(rows).sum(1).flatten(0, 1);
    }
}
