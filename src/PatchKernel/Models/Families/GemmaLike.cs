namespace PatchKernel.Models;

/// <summary>What Gemma 2 and Gemma 3 share: norms before and behind, scaled by 1 + w, scaled embeddings, and scores divided by a number of their own.</summary>
internal abstract class GemmaLike : LlamaLike
{
    public override TensorLayout Hub { get; } = TensorLayout.Llama.With(
            new StoredAs("post_attention_layernorm", Slot.AttentionOutNorm), new StoredAs("pre_feedforward_layernorm", Slot.MlpNorm),
            new StoredAs("post_feedforward_layernorm", Slot.MlpOutNorm))
        .Each(Slots.IsNorm, stored => stored with { Offset = 1 }); // GGUF files have 1 + w

    public override IReadOnlyDictionary<string, object[]> AcceptedAt { get; } = new Dictionary<string, object[]>
    {
        ["hidden_act"] = [Nonlinearity.GeluTanh.Name], // hidden_activation is what counts
        ["hidden_activation"] = [Nonlinearity.GeluTanh.Name],
        ["use_bidirectional_attention"] = [false],
    };

    public override IReadOnlyList<string> Inert => ["cache_implementation", "sliding_window_size"]; // sliding_window is what counts

    /// <summary>The layers of the largest model, whose scores are divided by another number; GGUF files have no key for it.</summary>
    protected abstract int LargestLayers { get; }

    protected override bool DefaultTied => true;

    protected override int? DefaultPadding => 0;

    protected override bool DerivesHead => false;

    public override PartList PartsOf(ModelConfig shape) => PartList.Llama with
    {
        NormBehind = true,
        Nonlinearity = Nonlinearity.GeluTanh,
        EmbeddingScale = Math.Sqrt(shape.DModel),
    };

    /// <summary>What every config says of attention.</summary>
    protected static PartList Scored(PartList parts, ConfigSection section, double? scoreCap, double? logitCap) => parts with
    {
        ScoreDivisor = Math.Sqrt(section.Positive("query_pre_attn_scalar", fallback: 256)),
        ScoreCap = section.NumberOrNone("attn_logit_softcapping", scoreCap),
        LogitCap = section.NumberOrNone("final_logit_softcapping", logitCap),
    };

    public override ModelConfig Complete(ModelConfig common, GgufSection section)
    {
        var config = base.Complete(common, section);
        return config.NLayers != LargestLayers ? config
            : config with { Parts = config.Parts with { ScoreDivisor = Math.Sqrt((double)config.DModel / config.NHeads) } };
    }

    protected override IReadOnlyList<ModelNode> LayerNodes(TreeNodes nodes) =>
    [
        TreeNodes.Group("self_attn", $"{ClassName}Attention", AttentionNodes(nodes)), MlpNode(nodes),
        Norm(nodes, "input_layernorm", Slot.AttentionNorm), Norm(nodes, "post_attention_layernorm", Slot.AttentionOutNorm),
        Norm(nodes, "pre_feedforward_layernorm", Slot.MlpNorm), Norm(nodes, "post_feedforward_layernorm", Slot.MlpOutNorm),
    ];

    protected override string EmbeddingClass => $"{ClassName}TextScaledWordEmbedding";
}
