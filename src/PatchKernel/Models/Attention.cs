using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Grouped-query attention of one block.</summary>
/// <remarks>
/// Vaswani et al. 2017, arXiv:1706.03762; Ainslie et al. 2023, arXiv:2305.13245: query head h reads key/value head h / (n_heads / n_kv_heads).
/// Every step but <see cref="Forward"/> works on packed rows: leading axes are free.
/// </remarks>
internal sealed class Attention(LlamaConfig config, int layer, LayerWeights weights)
{
    private readonly int group = config.NHeads / config.NKeyValueHeads;

    /// <summary>What attention adds to the stream.</summary>
    /// <param name="normed">The normed stream, [batch, pos, d_model].</param>
    /// <param name="rotation">At the positions of <paramref name="normed"/>.</param>
    /// <param name="mask">0 where a query sees a key and −∞ elsewhere, [query_pos, key_pos]; null where the whole pattern would be too large.</param>
    /// <param name="tap">Visits q, k, v, pattern and z, in that order; without a mask the pattern only where it wants it.</param>
    /// <returns>attn_out, [batch, pos, d_model].</returns>
    public Tensor Forward(Tensor normed, Rotation rotation, Tensor? mask, ITap tap)
    {
        using var scope = NewDisposeScope();
        var q = tap.Visit(Activation.Q, layer, Queries(normed));
        var k = tap.Visit(Activation.K, layer, Keys(normed));
        var v = tap.Visit(Activation.V, layer, Values(normed));
        var (turnedQ, turnedK) = (rotation.Apply(q), rotation.Apply(k));
        var z = mask is null && !tap.Wants(Activation.Pattern, layer)
            ? Attend(turnedQ, turnedK, v)
            : Mix(tap.Visit(Activation.Pattern, layer, Pattern(turnedQ, turnedK, mask ?? FullMask(normed))), v);
        return scope.MoveToOuter(Output(tap.Visit(Activation.Z, layer, z)));

        static Tensor FullMask(Tensor normed) => Scalars.CausalMask(normed.shape[1], normed.shape[1], normed.device);
    }

    /// <summary>z of the last positions' queries, each over the keys up to its own; the pattern is never there as a whole where it is large.</summary>
    /// <param name="q">Rotated queries of the last positions, [batch, query_pos, n_heads, d_head].</param>
    /// <param name="k">Rotated keys of every position, [batch, key_pos, n_kv_heads, d_head].</param>
    /// <param name="v">[batch, key_pos, n_kv_heads, d_head].</param>
    /// <returns>z, [batch, query_pos, n_heads, d_head].</returns>
    public Tensor Attend(Tensor q, Tensor k, Tensor v)
    {
        using var scope = NewDisposeScope();
        var before = k.shape[1] - q.shape[1];
        return scope.MoveToOuter(QueryBlocks.Join(q.shape[1], QueryBlocks.Most(q.shape[0] * config.NHeads, k.shape[1]), Block, axis: 1));

        Tensor Block(long from, long count)
        {
            using var blockScope = NewDisposeScope();
            var keys = before + from + count;
            var pattern = Pattern(q.narrow(1, from, count), k.narrow(1, 0, keys), Scalars.CausalMask(count, keys, q.device));
            return blockScope.MoveToOuter(Mix(pattern, v.narrow(1, 0, keys)));
        }
    }

    /// <summary>[.., d_model] to [.., n_heads, d_head], before the rotary embedding.</summary>
    public Tensor Queries(Tensor normed) => Heads(weights.WQ, normed, config.NHeads);

    /// <summary>[.., d_model] to [.., n_kv_heads, d_head], before the rotary embedding.</summary>
    public Tensor Keys(Tensor normed) => Heads(weights.WK, normed, config.NKeyValueHeads);

    /// <summary>[.., d_model] to [.., n_kv_heads, d_head].</summary>
    public Tensor Values(Tensor normed) => Heads(weights.WV, normed, config.NKeyValueHeads);

    /// <summary>How much each query looks at each of the given keys.</summary>
    /// <param name="q">Rotated queries, [batch, query_pos, n_heads, d_head].</param>
    /// <param name="k">Rotated keys, [batch, key_pos, n_kv_heads, d_head].</param>
    /// <param name="mask">0 or −∞, broadcast to [batch, n_heads, query_pos, key_pos].</param>
    /// <returns>[batch, n_heads, query_pos, key_pos]; each row sums to 1.</returns>
    public Tensor Pattern(Tensor q, Tensor k, Tensor mask)
    {
        using var scope = NewDisposeScope();
        var (batch, queries, keys) = (q.shape[0], q.shape[1], k.shape[1]);
        // The query heads of a group stand under one another, so that their shared keys are never copied.
        var grouped = q.transpose(1, 2).reshape(batch, config.NKeyValueHeads, group * queries, config.DHead);
        var scores = grouped.matmul(k.permute(0, 2, 3, 1)).Counted(grouped).view(batch, config.NHeads, queries, keys);
        return scope.MoveToOuter(scores.Over(Math.Sqrt(config.DHead)).Plus(mask).softmax(-1));
    }

    /// <summary>Each head's mix of the given values.</summary>
    /// <param name="pattern">[batch, n_heads, query_pos, key_pos].</param>
    /// <param name="v">[batch, key_pos, n_kv_heads, d_head].</param>
    /// <returns>z, [batch, query_pos, n_heads, d_head].</returns>
    public Tensor Mix(Tensor pattern, Tensor v)
    {
        using var scope = NewDisposeScope();
        var (batch, queries, keys) = (pattern.shape[0], pattern.shape[2], pattern.shape[3]);
        var grouped = pattern.reshape(batch, config.NKeyValueHeads, group * queries, keys);
        var z = grouped.matmul(v.transpose(1, 2)).Counted(grouped).view(batch, config.NHeads, queries, config.DHead);
        return scope.MoveToOuter(z.transpose(1, 2));
    }

    /// <summary>[.., n_heads, d_head] to attn_out, [.., d_model].</summary>
    public Tensor Output(Tensor z)
    {
        using var rows = z.flatten(-2, -1);
        return weights.WO.Forward(rows);
    }

    /// <summary>What each group of heads adds to the stream by itself, without the bias.</summary>
    /// <param name="z">[pos, groups, width]; the groups in the order of their heads, all heads together.</param>
    /// <returns>[groups, pos, d_model]; their sum is <see cref="Output"/> less its bias.</returns>
    public Tensor OutputOfEach(Tensor z)
    {
        using var scope = NewDisposeScope();
        var slices = weights.WO.Weight.view(config.DModel, z.shape[1], z.shape[2]).permute(1, 2, 0); // [groups, width, d_model]
        var groups = z.transpose(0, 1).to(slices.dtype);
        return scope.MoveToOuter(groups.matmul(slices).Counted(groups).to(ScalarType.Float32));
    }

    private Tensor Heads(Linear projection, Tensor normed, int heads)
    {
        using var rows = projection.Forward(normed);
        return rows.unflatten(rows.dim() - 1, heads, config.DHead);
    }
}
