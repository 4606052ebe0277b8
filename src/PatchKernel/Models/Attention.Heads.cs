using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <content>What heads read and write each by itself, and gradients of that.</content>
internal sealed partial class Attention
{
    /// <summary>Queries where each head reads a stream of its own.</summary>
    /// <param name="normed">[n_heads, rows, d_model].</param>
    /// <returns>[rows, n_heads, d_head].</returns>
    public Tensor QueriesOfEach(Tensor normed) => Each(wQ, normed);

    /// <summary>Keys where each key/value head reads a stream of its own; as <see cref="QueriesOfEach"/>.</summary>
    public Tensor KeysOfEach(Tensor normed) => Each(wK, normed);

    /// <summary>Values where each key/value head reads a stream of its own; as <see cref="QueriesOfEach"/>.</summary>
    public Tensor ValuesOfEach(Tensor normed) => Each(wV, normed);

    /// <summary>What o_proj makes of a change of z, without its bias; [.., n_heads, d_head] to [.., d_model].</summary>
    public Tensor OutputOfChange(Tensor change)
    {
        using var rows = change.flatten(-2, -1);
        return (wO with { Bias = null }).Forward(rows);
    }

    /// <summary>What each group of heads adds to the stream by itself, without the bias.</summary>
    /// <param name="z">[pos, groups, width]; the groups in the order of their heads, all heads together.</param>
    /// <returns>[groups, pos, d_model]; their sum is o_proj's output less its bias.</returns>
    public Tensor OutputOfEach(Tensor z)
    {
        using var scope = NewDisposeScope();
        var slices = wO.Weight.view(config.DModel, z.shape[1], z.shape[2]).permute(1, 2, 0); // [groups, width, d_model]
        var groups = z.transpose(0, 1).to(slices.dtype);
        return scope.MoveToOuter(groups.matmul(slices).Counted(groups).to(z.dtype));
    }

    /// <summary>What each head adds to the stream: its part of o_proj's output, and where a norm stands behind, its share of the normed sum.</summary>
    /// <param name="z">[pos, n_heads, d_head].</param>
    /// <returns>[n_heads, pos, d_model]; the bias belongs to no head.</returns>
    public Tensor SharesOfHeads(Tensor z)
    {
        using var scope = NewDisposeScope();
        var each = OutputOfEach(z);
        return scope.MoveToOuter(behind is null ? each : behind.Share(each, wO.Forward(z.flatten(-2, -1))));
    }

    /// <summary>What attention adds that is no head's share: its output's bias and that of the norm behind; null where there is neither.</summary>
    /// <param name="z">[pos, n_heads, d_head].</param>
    /// <returns>[pos, d_model], or [d_model] where it is the same everywhere; owned by the caller's dispose scope.</returns>
    public Tensor? OfNoHead(Tensor z)
    {
        using var scope = NewDisposeScope();
        var bias = wO.Bias?.to(z.dtype);
        if (behind is null) return bias is null ? null : scope.MoveToOuter(bias.alias());
        var shared = bias is null ? null : behind.Share(bias.unsqueeze(0), wO.Forward(z.flatten(-2, -1)));
        return (shared, behind.Bias) switch
        {
            (null, null) => null,
            (null, { } own) => scope.MoveToOuter(own.alias()),
            ({ } share, null) => scope.MoveToOuter(share),
            ({ } share, { } own) => scope.MoveToOuter(share.Plus(own)),
        };
    }

    /// <summary>Gradients with respect to the normed stream, each head's by itself.</summary>
    /// <param name="q">Gradients with respect to queries, [pos, n_heads, d_head].</param>
    /// <param name="k">With respect to keys, [pos, n_kv_heads, d_head].</param>
    /// <param name="v">With respect to values.</param>
    /// <returns>[n_heads + 2 · n_kv_heads, pos, d_model].</returns>
    public Tensor GradientsOfHeads(Tensor q, Tensor k, Tensor v)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(cat([Back(wQ, q), Back(wK, k), Back(wV, v)]));

        Tensor Back(Linear projection, Tensor slope) =>
            slope.transpose(0, 1).matmul(projection.Weight.to(slope.dtype).view(slope.shape[1], slope.shape[2], -1)).Counted(slope);
    }

    /// <summary>Products of gradients with what heads make of a direction of the normed stream.</summary>
    /// <param name="direction">[rows, d_model].</param>
    /// <param name="q">Gradients with respect to queries, [rows, n_heads, d_head].</param>
    /// <param name="k">With respect to keys, [rows, n_kv_heads, d_head].</param>
    /// <param name="v">With respect to values.</param>
    /// <returns>[rows, n_heads + 2 · n_kv_heads]; owned by the caller's dispose scope.</returns>
    public Tensor ProductsOfHeads(Tensor direction, Tensor q, Tensor k, Tensor v)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(cat([Product(wQ, q), Product(wK, k), Product(wV, v)], 1));

        Tensor Product(Linear projection, Tensor slope) =>
            (nn.functional.linear(direction, projection.Weight.to(slope.dtype)).Counted(direction).view(slope.shape) * slope).sum(-1);
    }

    private Tensor Each(Linear projection, Tensor normed)
    {
        using var scope = NewDisposeScope();
        var heads = normed.shape[0];
        var read = normed.to(projection.Weight.dtype);
        var made = read.matmul(projection.Weight.view(heads, config.DHead, config.DModel).transpose(1, 2)).Counted(read);
        if (projection.Bias is { } bias) made = made.Plus(bias.view(heads, 1, config.DHead));
        return scope.MoveToOuter(made.to(normed.dtype).transpose(0, 1));
    }
}
