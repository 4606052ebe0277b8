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
    /// <param name="baseKeys">The base run's rotated keys, [pos, n_kv_heads, d_head]; those before the start are read.</param>
    /// <param name="baseValues">The base run's values, [pos, n_kv_heads, d_head].</param>
    /// <param name="start">The rows' first position.</param>
    /// <param name="patch">May write into the pattern, [runs, n_kv_heads, group, queries, pos].</param>
    /// <returns>z, [runs, queries, n_heads, d_head], and the pattern, [runs, n_kv_heads, group, queries, pos].</returns>
    public (Tensor Z, Tensor Pattern) Forward(
        Tensor q, Tensor k, Tensor v, Tensor? baseKeys, Tensor? baseValues, int start, Action<Tensor>? patch)
    {
        using var scope = NewDisposeScope();
        var (runs, queries, own) = (q.shape[0], q.shape[1], k.shape[1]);
        // [n_kv_heads, runs, group · queries, d_head]: all that reads one key/value head lies together.
        var grouped = q.view(runs, queries, kvHeads, group, config.DHead).permute(2, 0, 3, 1, 4)
            .reshape(kvHeads, runs, group * queries, config.DHead);
        var scores = grouped.matmul(k.permute(2, 0, 3, 1)).Counted(grouped);
        if (start > 0)
        {
            var before = grouped.flatten(1, 2).matmul(baseKeys!.narrow(0, 0, start).permute(1, 2, 0)).Counted(grouped);
            scores = cat([before.reshape(kvHeads, runs, group * queries, start), scores], -1);
        }
        var pattern = Softmax(scores, queries, start + own);
        patch?.Invoke(ByRun(pattern, queries));
        var seen = pattern.narrow(-1, start, own);
        var z = seen.matmul(v.permute(2, 0, 1, 3)).Counted(seen);
        if (start > 0)
        {
            var shared = pattern.narrow(-1, 0, start).reshape(kvHeads, -1, start);
            var before = shared.matmul(baseValues!.narrow(0, 0, start).transpose(0, 1)).Counted(shared);
            z = z.Plus(before.reshape(z.shape));
        }
        z = z.view(kvHeads, runs, group, queries, config.DHead).permute(1, 3, 0, 2, 4)
            .reshape(runs, queries, config.NHeads, config.DHead);
        return (scope.MoveToOuter(z), scope.MoveToOuter(ByRun(pattern, queries)));
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

    /// <summary>The pattern as a view, [runs, n_kv_heads, group, queries, keys].</summary>
    private Tensor ByRun(Tensor pattern, long queries) => pattern.view(kvHeads, pattern.shape[1], group, queries, -1).transpose(0, 1);
}
