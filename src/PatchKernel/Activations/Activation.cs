namespace PatchKernel;

/// <summary>A place in the forward pass whose value can be read or replaced.</summary>
/// <remarks>
/// Names follow Elhage et al. 2021, "A Mathematical Framework for Transformer Circuits", and TransformerLens.
/// Axes: streams are [batch, pos, d_model]; heads are [batch, pos, head, d_head]; see each member.
/// </remarks>
public enum Activation
{
    /// <summary>Token embeddings, [batch, pos, d_model]; once a run (layer 0).</summary>
    Embed,

    /// <summary>Residual stream entering a block, [batch, pos, d_model].</summary>
    ResidPre,

    /// <summary>Queries as the projection gives them, before the rotary embedding or a norm, [batch, pos, n_heads, d_head].</summary>
    Q,

    /// <summary>Keys as the projection gives them, before the rotary embedding or a norm, [batch, pos, n_kv_heads, d_head].</summary>
    K,

    /// <summary>Values, [batch, pos, n_kv_heads, d_head].</summary>
    V,

    /// <summary>Attention weights after the softmax, [batch, n_heads, query_pos, key_pos].</summary>
    Pattern,

    /// <summary>Each head's mix of values, o_proj's input, [batch, pos, n_heads, d_head].</summary>
    Z,

    /// <summary>Attention's addition to the stream, after the norm behind it where there is one, [batch, pos, d_model].</summary>
    AttnOut,

    /// <summary>Residual stream between attention and MLP, [batch, pos, d_model]; there is none where the two run in parallel.</summary>
    ResidMid,

    /// <summary>The MLP's hidden units, its last matrix's input, [batch, pos, d_mlp].</summary>
    MlpPost,

    /// <summary>The MLP's addition to the stream, after the norm behind it where there is one, [batch, pos, d_model].</summary>
    MlpOut,

    /// <summary>Residual stream leaving a block, [batch, pos, d_model].</summary>
    ResidPost,

    /// <summary>The stream after the final norm, [batch, pos, d_model]; once a run (layer n_layers − 1).</summary>
    FinalNorm,
}
