namespace PatchKernel.Models;

/// <summary>Every place in a model that has weights.</summary>
internal enum Slot
{
    /// <summary>W_E, [d_vocab, d_model].</summary>
    Embedding,

    /// <summary>The table of positions, [positions, d_model].</summary>
    Positions,

    /// <summary>The norm before attention, [d_model].</summary>
    AttentionNorm,

    /// <summary>W_Q, [n_heads · d_head, d_model].</summary>
    Query,

    /// <summary>W_K, [n_kv_heads · d_head, d_model].</summary>
    Key,

    /// <summary>W_V, [n_kv_heads · d_head, d_model].</summary>
    Value,

    /// <summary>W_O, [d_model, n_heads · d_head].</summary>
    Output,

    /// <summary>The norm on queries, [d_head] or [n_heads · d_head].</summary>
    QueryNorm,

    /// <summary>The norm on keys, [d_head] or [n_kv_heads · d_head].</summary>
    KeyNorm,

    /// <summary>The norm behind attention, [d_model].</summary>
    AttentionOutNorm,

    /// <summary>The norm before the MLP, [d_model].</summary>
    MlpNorm,

    /// <summary>W_gate, [d_mlp, d_model].</summary>
    Gate,

    /// <summary>W_in, [d_mlp, d_model].</summary>
    In,

    /// <summary>W_out, [d_model, d_mlp].</summary>
    Out,

    /// <summary>The norm behind the MLP, [d_model].</summary>
    MlpOutNorm,

    /// <summary>The final norm, [d_model].</summary>
    FinalNorm,

    /// <summary>W_U, [d_vocab, d_model], where it isn't the embedding.</summary>
    Head,
}

/// <summary>Which slots a model has, and their shapes.</summary>
internal static class Slots
{
    /// <summary>Whether a slot is a norm's; these are float32 always.</summary>
    public static bool IsNorm(this Slot slot) =>
        slot is Slot.AttentionNorm or Slot.QueryNorm or Slot.KeyNorm or Slot.AttentionOutNorm or Slot.MlpNorm or Slot.MlpOutNorm or Slot.FinalNorm;

    /// <summary>Whether each layer has one.</summary>
    public static bool IsInLayer(this Slot slot) => slot is not (Slot.Embedding or Slot.Positions or Slot.FinalNorm or Slot.Head);

    /// <summary>Whether a model has weights there.</summary>
    public static bool Has(this ModelConfig config, Slot slot) => config.Computes(slot) && (!slot.IsNorm() || config.Parts.Norm.HasScale);

    /// <summary>Whether a model computes something there, which a norm does without weights too.</summary>
    public static bool Computes(this ModelConfig config, Slot slot) => slot switch
    {
        Slot.Positions => config.Parts.LearnedPositions,
        Slot.AttentionNorm => config.Parts.NormBefore,
        Slot.MlpNorm => config.Parts.NormBefore && !config.Parts.OneNorm,
        Slot.AttentionOutNorm or Slot.MlpOutNorm => config.Parts.NormBehind,
        Slot.QueryNorm or Slot.KeyNorm => config.Parts.QueryKeyNorm != QueryKeyNorm.None,
        Slot.Gate => config.Parts.Gated,
        _ => true,
    };

    /// <summary>Whether what is there has a bias.</summary>
    public static bool HasBias(this ModelConfig config, Slot slot) => slot.IsNorm() ? config.Parts.Norm.HasBias : (config.Biases & slot.Matrix()) != 0;

    /// <summary>The block's matrix that a slot holds; none where it holds another thing.</summary>
    public static Matrices Matrix(this Slot slot) => slot switch
    {
        Slot.Query => Matrices.Query,
        Slot.Key => Matrices.Key,
        Slot.Value => Matrices.Value,
        Slot.Output => Matrices.Output,
        Slot.Gate => Matrices.Gate,
        Slot.In => Matrices.In,
        Slot.Out => Matrices.Out,
        _ => Matrices.None,
    };

    /// <summary>A matrix's shape, [out, in], or a norm's, [width].</summary>
    public static long[] ShapeOf(this ModelConfig config, Slot slot)
    {
        var (queries, keys) = ((long)config.NHeads * config.DHead, (long)config.NKeyValueHeads * config.DHead);
        var eachHead = config.Parts.QueryKeyNorm == QueryKeyNorm.EachHead;
        return slot switch
        {
            Slot.Embedding or Slot.Head => [config.DVocab, config.DModel],
            Slot.Positions => [config.MaxPositions, config.DModel],
            Slot.Query => [queries, config.DModel],
            Slot.Key or Slot.Value => [keys, config.DModel],
            Slot.Output => [config.DModel, queries],
            Slot.QueryNorm => [eachHead ? config.DHead : queries],
            Slot.KeyNorm => [eachHead ? config.DHead : keys],
            Slot.Gate or Slot.In => [config.DMlp, config.DModel],
            Slot.Out => [config.DModel, config.DMlp],
            _ => [config.DModel],
        };
    }
}
