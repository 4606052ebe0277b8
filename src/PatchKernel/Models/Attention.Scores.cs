using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <content>Scores by themselves.</content>
internal sealed partial class Attention
{
    /// <summary>One run's scores as the softmax takes them: divided, capped, and −∞ where a query doesn't see a key.</summary>
    /// <param name="q">Rotated, [pos, n_heads, d_head].</param>
    /// <param name="k">Rotated, [pos, n_kv_heads, d_head].</param>
    /// <returns>[n_heads, query_pos, key_pos]; owned by the caller's dispose scope.</returns>
    public Tensor Scores(Tensor q, Tensor k)
    {
        using var scope = NewDisposeScope();
        var (queries, keys) = (q.shape[0], k.shape[0]);
        var grouped = q.view(queries, kvHeads, group, config.DHead).permute(1, 2, 0, 3).reshape(kvHeads, group * queries, config.DHead);
        var products = grouped.matmul(k.permute(1, 2, 0)).Counted(grouped).unsqueeze(1); // [n_kv_heads, runs = 1, group · query_pos, key_pos]
        return scope.MoveToOuter(Masked(products, queries, keys, mask: null).view(config.NHeads, queries, keys));
    }

    /// <summary>Products of queries and keys as the softmax takes them, [n_kv_heads, runs, group · queries, keys].</summary>
    private Tensor Masked(Tensor products, long queries, long keys, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        var scaled = products.Over(divisor);
        if (config.Parts.ScoreCap is { } cap) scaled = scaled.Capped(cap);
        if (queries > 1 || window < keys || mask is not null)
        {
            var hidden = mask ?? Scalars.CausalMask(queries, keys, products, window);
            scaled = scaled.view(kvHeads, -1, group, queries, keys).Plus(hidden).view(products.shape);
        }
        return scope.MoveToOuter(scaled);
    }

    private Tensor Softmax(Tensor products, long queries, long keys, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(Masked(products, queries, keys, mask).softmax(-1));
    }
}
