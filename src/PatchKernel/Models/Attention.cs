using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>Grouped-query attention of one block.</summary>
/// <remarks>
/// Vaswani et al. 2017, arXiv:1706.03762; Ainslie et al. 2023, arXiv:2305.13245: query head h reads key/value head h / (n_heads / n_kv_heads).
/// The projections work on packed rows: leading axes are free.
/// </remarks>
internal sealed partial class Attention(ModelConfig config, int layer, LayerWeights weights)
{
    private readonly int kvHeads = config.NKeyValueHeads;
    private readonly int group = config.NHeads / config.NKeyValueHeads;
    private readonly int? window = config.PositionsOf(layer).Window;
    private readonly double divisor = config.Parts.ScoreDivisor ?? Math.Sqrt(config.DHead);
    private readonly Linear wQ = weights[Slot.Query], wK = weights[Slot.Key], wV = weights[Slot.Value], wO = weights[Slot.Output];
    private readonly Norm? queryNorm = weights.NormOf(config, Slot.QueryNorm);
    private readonly Norm? keyNorm = weights.NormOf(config, Slot.KeyNorm);
    private readonly Norm? behind = weights.NormOf(config, Slot.AttentionOutNorm);

    /// <summary>[.., d_model] to [.., n_heads, d_head], as the projection gives them.</summary>
    public Tensor Queries(Tensor normed) => Heads(wQ, normed, config.NHeads);

    /// <summary>[.., d_model] to [.., n_kv_heads, d_head], as the projection gives them.</summary>
    public Tensor Keys(Tensor normed) => Heads(wK, normed, kvHeads);

    /// <summary>[.., d_model] to [.., n_kv_heads, d_head].</summary>
    public Tensor Values(Tensor normed) => Heads(wV, normed, kvHeads);

    /// <summary>Queries as scores are made of them: normed where they are, and turned.</summary>
    public Tensor ReadyQueries(Tensor q, Rotation rotation) => Ready(q, queryNorm, rotation);

    /// <summary>Keys as scores are made of them: normed where they are, and turned.</summary>
    public Tensor ReadyKeys(Tensor k, Rotation rotation) => Ready(k, keyNorm, rotation);

    /// <summary>[.., n_heads, d_head] to attn_out, [.., d_model].</summary>
    public Tensor Output(Tensor z)
    {
        using var rows = z.flatten(-2, -1);
        if (behind is null) return wO.Forward(rows);
        using var added = wO.Forward(rows);
        return behind.Forward(added);
    }

    /// <summary>Whether its output is normed, so that one head's change isn't simply added.</summary>
    public bool HasNormBehind => behind is not null;

    /// <summary>attn_out with a norm behind it, where what comes into the norm changes.</summary>
    /// <param name="z">What is there without the change, [pos, n_heads, d_head].</param>
    /// <param name="change">Of o_proj's output, [.., pos, d_model].</param>
    /// <returns>[.., pos, d_model]; owned by the caller's dispose scope.</returns>
    public Tensor Changed(Tensor z, Tensor change)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(behind!.Forward(wO.Forward(z.flatten(-2, -1)).Plus(change)));
    }

    /// <summary>Mixes values for runs of equal length; queries are the last positions'.</summary>
    /// <param name="q">Rotated, [runs, queries, n_heads, d_head].</param>
    /// <param name="k">Rotated, [runs, positions, n_kv_heads, d_head].</param>
    /// <param name="v">[runs, positions, n_kv_heads, d_head].</param>
    /// <param name="earlier">Keys and values before these positions, which all runs share.</param>
    /// <param name="pattern">
    /// Sees the whole pattern, [runs, n_kv_heads, group, queries, keys], and gives back that or another; null where nobody has to see it: a large one is
    /// then computed in parts.
    /// </param>
    /// <param name="mask">0 or −∞, [queries, keys]; null where a query sees all keys up to its own.</param>
    /// <returns>z, [runs, queries, n_heads, d_head]; owned by the caller's dispose scope.</returns>
    public Tensor Mix(Tensor q, Tensor k, Tensor v, Earlier earlier = default, Func<Tensor, Tensor>? pattern = null, Tensor? mask = null)
    {
        using var scope = NewDisposeScope();
        if (window is { } seenKeys && pattern is null) earlier = earlier.Last(seenKeys - 1); // no query sees more of them
        var (runs, queries, keys) = (q.shape[0], q.shape[1], earlier.Count + k.shape[1]);
        var most = QueryBlocks.Most(config.NHeads, keys); // queries, over all runs
        if (pattern is not null || mask is not null || runs * queries <= most) return scope.MoveToOuter(MixAtOnce(q, k, v, earlier, pattern, mask));
        return scope.MoveToOuter(runs > 1
            ? QueryBlocks.Join(runs, Math.Max(1, most / queries), Runs, axis: 0)
            : QueryBlocks.Join(queries, most, Block, axis: 1));

        Tensor Runs(long from, long count) => Mix(q.narrow(0, from, count), k.narrow(0, from, count), v.narrow(0, from, count), earlier);

        Tensor Block(long from, long count)
        {
            var seen = k.shape[1] - queries + from + count; // keys up to the block's last query
            var unseen = Math.Max(0, seen - count - (window ?? seen) + 1); // those before the first query's window
            var before = unseen > 0 ? default : earlier;
            return MixAtOnce(q.narrow(1, from, count), k.narrow(1, unseen, seen - unseen), v.narrow(1, unseen, seen - unseen), before, see: null, mask: null);
        }
    }

    /// <summary>z of one run's given pattern.</summary>
    /// <param name="pattern">[n_heads, queries, keys].</param>
    /// <param name="v">[keys, n_kv_heads, d_head].</param>
    /// <returns>[queries, n_heads, d_head]; owned by the caller's dispose scope.</returns>
    public Tensor Mix(Tensor pattern, Tensor v)
    {
        using var scope = NewDisposeScope();
        var (queries, keys) = (pattern.shape[1], pattern.shape[2]);
        var grouped = pattern.reshape(kvHeads, group * queries, keys);
        var z = grouped.matmul(v.transpose(0, 1)).Counted(grouped).view(config.NHeads, queries, config.DHead);
        return scope.MoveToOuter(z.transpose(0, 1));
    }

    private Tensor MixAtOnce(Tensor q, Tensor k, Tensor v, Earlier earlier, Func<Tensor, Tensor>? see, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        var (runs, queries, own, start) = (q.shape[0], q.shape[1], k.shape[1], earlier.Count);
        // [n_kv_heads, runs, group · queries, d_head]: all that reads one key/value head lies together, so that no key is copied.
        var grouped = q.view(runs, queries, kvHeads, group, config.DHead).permute(2, 0, 3, 1, 4).reshape(kvHeads, runs, group * queries, config.DHead);
        var scores = grouped.matmul(k.permute(2, 0, 3, 1)).Counted(grouped);
        if (start > 0)
        {
            var before = grouped.flatten(1, 2).matmul(earlier.Keys!.permute(1, 2, 0)).Counted(grouped);
            scores = cat([before.reshape(kvHeads, runs, group * queries, start), scores], -1);
        }
        var pattern = Softmax(scores, queries, start + own, mask);
        if (see is not null)
        {
            var whole = pattern.view(kvHeads, runs, group, queries, -1).transpose(0, 1);
            var seen = see(whole);
            if (!ReferenceEquals(seen, whole)) pattern = seen.transpose(0, 1).reshape(pattern.shape);
        }
        var late = pattern.narrow(-1, start, own);
        var z = late.matmul(v.permute(2, 0, 1, 3)).Counted(late);
        if (start > 0)
        {
            var shared = pattern.narrow(-1, 0, start).reshape(kvHeads, -1, start);
            var before = shared.matmul(earlier.Values!.transpose(0, 1)).Counted(shared);
            z = z.Plus(before.reshape(z.shape));
        }
        return scope.MoveToOuter(z.view(kvHeads, runs, group, queries, config.DHead).permute(1, 3, 0, 2, 4)
            .reshape(runs, queries, config.NHeads, config.DHead));
    }

    private Tensor Ready(Tensor heads, Norm? norm, Rotation rotation)
    {
        if (norm is null) return rotation.Apply(heads);
        using var scope = NewDisposeScope();
        var normed = config.Parts.QueryKeyNorm == QueryKeyNorm.EachHead ? norm.Forward(heads) : norm.Forward(heads.flatten(-2, -1)).reshape(heads.shape);
        return scope.MoveToOuter(rotation.Apply(normed));
    }

    private Tensor Heads(Linear projection, Tensor normed, int heads)
    {
        using var rows = projection.Forward(normed);
        return rows.unflatten(rows.dim() - 1, heads, config.DHead);
    }
}

/// <summary>Keys and values that runs share before their own positions; views, or null where they start at 0.</summary>
/// <param name="Count">How many positions.</param>
/// <param name="Keys">Rotated, [count, n_kv_heads, d_head].</param>
/// <param name="Values">[count, n_kv_heads, d_head].</param>
internal readonly record struct Earlier(int Count, Tensor? Keys, Tensor? Values)
{
    /// <summary>The last so many of them.</summary>
    public Earlier Last(int most) => Count <= most ? this
        : most == 0 ? default
        : new(most, Keys!.narrow(0, Count - most, most), Values!.narrow(0, Count - most, most));
}
