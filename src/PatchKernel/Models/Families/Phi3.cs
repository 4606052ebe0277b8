namespace PatchKernel.Models;

/// <summary>Phi-3, 3.5 and 4; Abdin et al. 2024, arXiv:2404.14219.</summary>
internal sealed class Phi3 : LlamaLike
{
    public override string ModelType => "phi3";

    public override string ClassName => "Phi3";

    public override TensorLayout Hub { get; } = TensorLayout.Llama.With(
        new StoredAs("self_attn.qkv_proj", Slot.Query, Slot.Key, Slot.Value), new StoredAs("mlp.gate_up_proj", Slot.Gate, Slot.In));

    public override TensorLayout Gguf { get; } = TensorLayout.Gguf.With(
        new StoredAs("attn_qkv", Slot.Query, Slot.Key, Slot.Value), new StoredAs("ffn_up", Slot.Gate, Slot.In));

    protected override int DefaultPositions => 4096;

    protected override double DefaultEpsilon => 1e-5;

    protected override int? DefaultPadding => 32_000;

    protected override bool DerivesKeyValueHeads => true;

    // In the files of Phi-4-mini, and read by nobody.
    public override IReadOnlyDictionary<string, object[]> AcceptedAt { get; } = new Dictionary<string, object[]>
    {
        ["attention_bias"] = [false],
        ["mlp_bias"] = [false],
        ["lm_head_bias"] = [false],
        ["full_attn_mod"] = [1],
        ["interpolate_factor"] = [1],
    };

    public override IReadOnlyList<string> Inert => ["embd_pdrop", "auto_map", "original_max_position_embeddings"];

    protected override Matrices BiasesOf(ConfigSection section) => Matrices.None;

    protected override double RotaryShare(ConfigSection section) => RopeReader.Share(section, fallback: 1);

    protected override RopeDefaults RopeDefaults(int positions, int width) =>
        base.RopeDefaults(positions, width) with { LongRopeNames = ["longrope", "su", "yarn"] }; // older names

    protected override ModelConfig Complete(ModelConfig common, ConfigSection section, List<string> warnings) =>
        (common with { Tree = common.Tree with { ResidualDropout = section.Share("resid_pdrop", fallback: 0, least: 0) } })
            .WithWindow(section.Window(absent: null), _ => true);

    public override ModelConfig Complete(ModelConfig common, GgufSection section) =>
        base.Complete(common, section).WithWindow(section.Index("attention.sliding_window") is > 0 and var window ? window : null, _ => true);

    protected override IReadOnlyList<ModelNode> LayerNodes(TreeNodes nodes) =>
    [
        TreeNodes.Group("self_attn", "Phi3Attention", [nodes.Linear("o_proj", Slot.Output), nodes.Linear("qkv_proj", Slot.Query, Slot.Key, Slot.Value)]),
        TreeNodes.Group("mlp", "Phi3MLP", [nodes.Linear("gate_up_proj", Slot.Gate, Slot.In), nodes.Linear("down_proj", Slot.Out), nodes.Nonlinearity("activation_fn")]),
        Norm(nodes, "input_layernorm", Slot.AttentionNorm), Norm(nodes, "post_attention_layernorm", Slot.MlpNorm),
        TreeNodes.Dropout("resid_attn_dropout", nodes.Constants.ResidualDropout), TreeNodes.Dropout("resid_mlp_dropout", nodes.Constants.ResidualDropout),
    ];
}

internal static partial class FamilyTable
{
    private static Family NewPhi3 => new Phi3();
}
