using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>
/// Attention of rows that start somewhere within a base run: they read its keys and values before their start, shared and never copied, and
/// their own from there on.
/// </summary>
internal sealed class RowAttention(LlamaConfig config, Device device)
{
    private readonly int kvHeads = config.NKeyValueHeads;
    private readonly int group = config.NHeads / config.NKeyValueHeads;

    /// <summary>Runs attention for rows of the same start.</summary>
    /// <param name="q">Rotated queries of the last positions, [runs, queries, n_heads, d_head].</param>
    /// <param name="k">Rotated keys from the start on, [runs, positions, n_kv_heads, d_head].</param>
    /// <param name="v">Values from the start on, [runs, positions, n_kv_heads, d_head].</param>
    /// <param name="before">The base run's keys and values; those before the start are read.</param>
    /// <param name="pattern">Sees the whole pattern, [runs, n_kv_heads, group, queries, pos], and may write into it; where null, it is computed in parts.</param>
    /// <returns>z, [runs, queries, n_heads, d_head].</returns>
    public Tensor Forward(Tensor q, Tensor k, Tensor v, Earlier before, Action<Tensor>? pattern)
    {
        using var scope = NewDisposeScope();
        var (runs, queries, keys) = (q.shape[0], q.shape[1], before.Count + k.shape[1]);
        var most = QueryBlocks.Most(config.NHeads, keys); // queries, over all runs
        if (pattern is not null || runs * queries <= most) return scope.MoveToOuter(AttendAtOnce(q, k, v, before, pattern));
        if (runs > 1)
        {
            return scope.MoveToOuter(QueryBlocks.Join(
                runs, Math.Max(1, most / queries), (from, count) => Forward(q.narrow(0, from, count), k.narrow(0, from, count), v.narrow(0, from, count), before, null), axis: 0));
        }
        return scope.MoveToOuter(QueryBlocks.Join(queries, most, Block, axis: 1));

        Tensor Block(long from, long count)
        {
            var seen = k.shape[1] - queries + from + count; // own keys up to the block's last query
            return AttendAtOnce(q.narrow(1, from, count), k.narrow(1, 0, seen), v.narrow(1, 0, seen), before, null);
        }
    }

    private Tensor AttendAtOnce(Tensor q, Tensor k, Tensor v, Earlier earlier, Action<Tensor>? patch)
    {
        using var scope = NewDisposeScope();
        var (runs, queries, own, start) = (q.shape[0], q.shape[1], k.shape[1], earlier.Count);
        // [n_kv_heads, runs, group · queries, d_head]: all that reads one key/value head lies together.
        var grouped = q.view(runs, queries, kvHeads, group, config.DHead).permute(2, 0, 3, 1, 4)
            .reshape(kvHeads, runs, group * queries, config.DHead);
        var scores = grouped.matmul(k.permute(2, 0, 3, 1)).Counted(grouped);
        if (start > 0)
        {
            var before = grouped.flatten(1, 2).matmul(earlier.Keys!.permute(1, 2, 0)).Counted(grouped);
            scores = cat([before.reshape(kvHeads, runs, group * queries, start), scores], -1);
        }
        var pattern = Softmax(scores, queries, start + own);
        patch?.Invoke(pattern.view(kvHeads, runs, group, queries, -1).transpose(0, 1));
        var seen = pattern.narrow(-1, start, own);
        var z = seen.matmul(v.permute(2, 0, 1, 3)).Counted(seen);
        if (start > 0)
        {
            var shared = pattern.narrow(-1, 0, start).reshape(kvHeads, -1, start);
            var before = shared.matmul(earlier.Values!.transpose(0, 1)).Counted(shared);
            z = z.Plus(before.reshape(z.shape));
        }
        return scope.MoveToOuter(z.view(kvHeads, runs, group, queries, config.DHead).permute(1, 3, 0, 2, 4)
            .reshape(runs, queries, config.NHeads, config.DHead));
    }

    private Tensor Softmax(Tensor scores, long queries, long keys)
    {
        using var scope = NewDisposeScope();
        var scaled = scores.Over(Math.Sqrt(config.DHead));
        if (queries > 1)
        {
            var mask = Scalars.CausalMask(queries, keys, device);
            scaled = scaled.view(kvHeads, -1, group, queries, keys).Plus(mask).view(scores.shape);
        }
        return scope.MoveToOuter(scaled.softmax(-1));
    }
}

/// <summary>What rows read of their base run: keys and values before their start; views, or null where they start at 0.</summary>
/// <param name="Count">How many positions.</param>
/// <param name="Keys">Rotated, [count, n_kv_heads, d_head].</param>
/// <param name="Values">[count, n_kv_heads, d_head].</param>
internal readonly record struct Earlier(int Count, Tensor? Keys, Tensor? Values);
