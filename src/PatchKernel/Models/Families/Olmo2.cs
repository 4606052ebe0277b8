namespace PatchKernel.Models;

/// <summary>OLMo 2: norms behind attention and MLP alone, and over the whole width of queries and keys; OLMo et al. 2025, arXiv:2501.00656.</summary>
internal sealed class Olmo2 : LlamaLike
{
    public override string ModelType => "olmo2";

    public override string ClassName => "Olmo2";

    public override TensorLayout Hub { get; } = TensorLayout.Llama.With(
        new StoredAs("post_attention_layernorm", Slot.AttentionOutNorm), new StoredAs("post_feedforward_layernorm", Slot.MlpOutNorm));

    protected override double DefaultEpsilon => 1e-5;

    protected override int? DefaultPadding => 1;

    protected override bool DerivesKeyValueHeads => true;

    public override PartList PartsOf(ModelConfig shape) => PartList.Llama with { NormBefore = false, NormBehind = true, QueryKeyNorm = QueryKeyNorm.AllHeads };

    protected override IEnumerable<ModelNode> AttentionNodes(TreeNodes nodes) => WithHeadNorms(nodes, base.AttentionNodes(nodes));

    protected override IReadOnlyList<ModelNode> LayerNodes(TreeNodes nodes) =>
    [
        TreeNodes.Group("self_attn", "Olmo2Attention", AttentionNodes(nodes)), MlpNode(nodes),
        Norm(nodes, "post_attention_layernorm", Slot.AttentionOutNorm), Norm(nodes, "post_feedforward_layernorm", Slot.MlpOutNorm),
    ];
}

internal static partial class FamilyTable
{
    private static Family NewOlmo2 => new Olmo2();
}
