namespace PatchKernel.Models;

/// <summary>Qwen 3; Yang et al. 2025, arXiv:2505.09388.</summary>
internal sealed class Qwen3 : LlamaLike
{
    public override string ModelType => "qwen3";

    public override string ClassName => "Qwen3";

    protected override int DefaultPositions => 32_768;

    protected override bool DerivesHead => false;

    public override PartList PartsOf(ModelConfig shape) => PartList.Llama with { QueryKeyNorm = QueryKeyNorm.EachHead };

    protected override ModelConfig Complete(ModelConfig common, ConfigSection section, List<string> warnings) => Qwen2.WithLateWindow(common, section);

    protected override IEnumerable<ModelNode> AttentionNodes(TreeNodes nodes) => WithHeadNorms(nodes, base.AttentionNodes(nodes));
}

internal static partial class FamilyTable
{
    private static Family NewQwen3 => new Qwen3();
}
