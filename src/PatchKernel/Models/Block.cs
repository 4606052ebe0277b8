using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>One layer: attention and an MLP, each reading the normed residual stream and adding to it.</summary>
internal sealed class Block(LlamaConfig config, int layer, LayerWeights weights)
{
    /// <summary>The norm in front of attention.</summary>
    public RmsNorm AttentionNorm { get; } = new(weights.AttentionNorm, config.NormEpsilon);

    /// <summary>Attention.</summary>
    public Attention Attention { get; } = new(config, layer, weights);

    /// <summary>The norm in front of the MLP.</summary>
    public RmsNorm MlpNorm { get; } = new(weights.MlpNorm, config.NormEpsilon);

    /// <summary>The MLP.</summary>
    public Mlp Mlp { get; } = new(layer, weights);

    /// <summary>Adds attention's and the MLP's output to the residual stream.</summary>
    /// <param name="residPre">Stream entering the block, [batch, pos, d_model], float32; the caller's to dispose.</param>
    /// <param name="rotation">The rotary embedding at the stream's positions.</param>
    /// <param name="mask">0 where a query sees a key and −∞ elsewhere, [query_pos, key_pos]; null where the whole pattern would be too large.</param>
    /// <param name="tap">Visits resid_pre, attention's activations, attn_out, resid_mid, mlp_post, mlp_out and resid_post, in that order.</param>
    /// <returns>resid_post, [batch, pos, d_model]; owned by the caller's dispose scope.</returns>
    public Tensor Forward(Tensor residPre, Rotation rotation, Tensor? mask, ITap tap)
    {
        using var scope = NewDisposeScope();
        var resid = tap.Visit(Activation.ResidPre, layer, residPre);
        var attnOut = tap.Visit(Activation.AttnOut, layer, Attention.Forward(AttentionNorm.Forward(resid), rotation, mask, tap));
        var residMid = tap.Visit(Activation.ResidMid, layer, resid.Plus(attnOut));
        var mlpOut = tap.Visit(Activation.MlpOut, layer, Mlp.Forward(MlpNorm.Forward(residMid), tap));
        return scope.MoveToOuter(tap.Visit(Activation.ResidPost, layer, residMid.Plus(mlpOut)));
    }
}
