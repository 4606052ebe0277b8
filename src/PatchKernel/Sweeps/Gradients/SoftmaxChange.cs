using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>What patched queries or keys change in the pattern, exactly: of every cell, to be multiplied by gradients at the pattern.</summary>
/// <remarks>
/// Kramár et al. 2024, arXiv:2403.00745, section 3.1.1. A patched query changes its own row. A patched key changes one score in every row that sees it: with the sum and the mean gradient of
/// the others known, the new row's follows without another softmax.
/// </remarks>
internal sealed class SoftmaxChange : SiteChange
{
    private readonly ModelConfig config;
    private readonly SweepTask task;
    private readonly Attention attention;
    private readonly int prompt;
    private readonly Rotation rotation;
    private readonly Tensor q, k, patched; // as the projections give them, [pos, heads, d_head]
    private readonly Tensor scores, pattern; // the base run's, [n_heads, query_pos, key_pos], float64

    /// <param name="model">The model.</param>
    /// <param name="graph">The layer; it must be there as long as this.</param>
    /// <param name="task">The sweep.</param>
    /// <param name="kept">The lanes' queries and keys.</param>
    /// <param name="prompt">The prompt's positions.</param>
    public SoftmaxChange(LanguageModel model, LayerGraph graph, SweepTask task, NaiveSweep kept, int prompt)
    {
        using var scope = NewDisposeScope();
        (config, this.task, attention, this.prompt) = (model.Config, task, graph.Block.Attention, prompt);
        (q, k) = (Of(task.Base, Activation.Q).Value.DetachFromDisposeScope(), Of(task.Base, Activation.K).Value.DetachFromDisposeScope());
        rotation = model.Rotation(graph.Layer, 0, (int)q.shape[0]).Rows(values => values.DetachFromDisposeScope());
        var put = task.Value.Of(Of(task.Base, task.Site.Activation), lane => Of(lane, task.Site.Activation));
        // An answer's positions behind the prompt stay as they are.
        patched = cat([put.narrow(0, 0, prompt), There.narrow(0, prompt, There.shape[0] - prompt)]).DetachFromDisposeScope();
        scores = ScoresWith(There).DetachFromDisposeScope();
        pattern = scores.softmax(-1).DetachFromDisposeScope();

        PlacedValue Of(int lane, Activation activation) => kept.Kept(lane, activation, graph.Layer);
    }

    private bool OfQueries => task.Site.Activation == Activation.Q;

    private Tensor There => OfQueries ? q : k;

    private long Heads => There.shape[1];

    public override Tensor Times(Tensor slope)
    {
        using var scope = NewDisposeScope();
        var gradient = slope.to(ScalarType.Float64);
        var before = (pattern * gradient).sum(-1, keepdim: true); // [n_heads, query_pos, 1]
        // Where all heads are normed together, one that is patched changes the others.
        var each = config.Parts.QueryKeyNorm == QueryKeyNorm.AllHeads
            ? stack([.. Enumerable.Range(0, (int)Heads).Select(head => Effects(Alone(head), gradient, before).sum([0]))])
            : Effects(patched, gradient, before).unflatten(0, [Heads, -1]).sum(1);
        var places = each.t(); // [pos, heads], or of keys that are patched together [1, heads]
        return scope.MoveToOuter(places.shape[0] == q.shape[0] ? Cells(task.Site, places, prompt) : task.Site.HasHeads ? places.flatten() : places.sum().view(1));
    }

    public override void Dispose()
    {
        foreach (var own in (Tensor?[])[q, k, patched, scores, pattern, rotation.Cos, rotation.Sin]) own?.Dispose();
    }

    /// <summary>What each query head's pattern does, by patched position; of keys that are patched together in one number.</summary>
    private Tensor Effects(Tensor heads, Tensor gradient, Tensor before)
    {
        var other = ScoresWith(heads);
        if (!OfQueries && task.Site.EachPosition) return OfEachKey(other, gradient, before).sum(1);
        var rows = ((other.softmax(-1) * gradient).sum(-1, keepdim: true) - before).squeeze(-1); // [n_heads, query_pos]
        return OfQueries ? rows : rows.sum(1, keepdim: true);
    }

    /// <summary>What each row's change does where one key alone is patched, [n_heads, query_pos, key_pos].</summary>
    private Tensor OfEachKey(Tensor other, Tensor gradient, Tensor before)
    {
        // The other keys' sum and mean gradient: for a row's largest key without it, since taking it away again would lose what is left; for the rest from the whole row.
        var isLargest = zeros_like(pattern).scatter(-1, pattern.argmax(-1, keepdim: true), ones_like(pattern)).to(ScalarType.Bool);
        var rest = scores.masked_fill(isLargest, Scalars.Of(double.NegativeInfinity));
        var left = ones_like(pattern) - pattern;
        var sum = where(isLargest, rest.logsumexp(-1, keepdim: true), scores.logsumexp(-1, keepdim: true).Plus((-pattern).log1p()));
        var mean = where(isLargest, (rest.softmax(-1).nan_to_num(0) * gradient).sum(-1, keepdim: true), (before - pattern * gradient) / left); // 0 where there is no other
        var weight = (other - sum).sigmoid();
        return (weight * gradient).Plus((ones_like(weight) - weight) * mean) - before;
    }

    private Tensor Alone(int head) =>
        cat([There.narrow(1, 0, head), patched.narrow(1, head, 1), There.narrow(1, head + 1, Heads - head - 1)], 1);

    private Tensor ScoresWith(Tensor heads) => attention.Scores(
        attention.ReadyQueries(OfQueries ? heads : q, rotation), attention.ReadyKeys(OfQueries ? k : heads, rotation)).to(ScalarType.Float64);
}
