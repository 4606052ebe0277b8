using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>One layer: attention and an MLP, each reading the normed residual stream and adding to it. Works on packed rows.</summary>
internal sealed class Block(ModelConfig config, LayerWeights weights)
{
    private readonly RmsNorm attentionNorm = new(weights.AttentionNorm, config.NormEpsilon);
    private readonly RmsNorm mlpNorm = new(weights.MlpNorm, config.NormEpsilon);

    /// <summary>Attention.</summary>
    public Attention Attention { get; } = new(config, weights);

    /// <summary>The MLP.</summary>
    public Mlp Mlp { get; } = new(weights);

    /// <summary>The block's whole equation.</summary>
    /// <param name="residPre">Stream entering the block, [rows, d_model]; the caller's to dispose.</param>
    /// <param name="rows">Sees resid_pre, q, k, v, pattern, z, attn_out, resid_mid, mlp_post, mlp_out and resid_post, in that order.</param>
    /// <returns>resid_post of the queried rows, [queried rows, d_model]; owned by the caller's dispose scope.</returns>
    public Tensor Forward(Tensor residPre, IBlockRows rows)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(AddMlp(AddAttention(residPre, rows), rows));
    }

    /// <summary>Its first half.</summary>
    /// <returns>resid_mid, [queried rows, d_model]; owned by the caller's dispose scope.</returns>
    public Tensor AddAttention(Tensor residPre, IBlockRows rows)
    {
        using var scope = NewDisposeScope();
        var resid = rows.Visit(Activation.ResidPre, residPre);
        var normed = attentionNorm.Forward(resid);
        var q = rows.Visit(Activation.Q, Attention.Queries(rows.Queried(normed)));
        var k = rows.Visit(Activation.K, Attention.Keys(normed));
        var v = rows.Visit(Activation.V, Attention.Values(normed));
        var z = rows.Visit(Activation.Z, rows.Mix(Attention, q, k, v));
        var attnOut = rows.Visit(Activation.AttnOut, Attention.Output(z));
        return scope.MoveToOuter(rows.Visit(Activation.ResidMid, rows.Queried(resid).Plus(attnOut)));
    }

    /// <summary>Its second half.</summary>
    /// <returns>resid_post, [queried rows, d_model]; owned by the caller's dispose scope.</returns>
    public Tensor AddMlp(Tensor residMid, IBlockRows rows)
    {
        using var scope = NewDisposeScope();
        var mlpOut = rows.Visit(Activation.MlpOut, Mlp.Forward(mlpNorm.Forward(residMid), rows));
        return scope.MoveToOuter(rows.Visit(Activation.ResidPost, residMid.Plus(mlpOut)));
    }
}
