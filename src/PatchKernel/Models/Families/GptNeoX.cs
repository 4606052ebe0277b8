namespace PatchKernel.Models;

/// <summary>GPT-NeoX: Pythia, Dolly, RedPajama-INCITE; Black et al. 2022, arXiv:2204.06745; Biderman et al. 2023, arXiv:2304.01373.</summary>
internal sealed class GptNeoX : LlamaLike
{
    public override string ModelType => "gpt_neox";

    public override string? Architecture => "gptneox";

    public override string ClassName => "GPTNeoX";

    public override TensorLayout Hub { get; } = new TensorLayout("gpt_neox.", "gpt_neox.layers.",
    [
        new("gpt_neox.embed_in", Slot.Embedding), new("gpt_neox.final_layer_norm", Slot.FinalNorm), new("embed_out", Slot.Head),
        new("input_layernorm", Slot.AttentionNorm), new("attention.query_key_value", Slot.Query, Slot.Key, Slot.Value) { ByHead = true },
        new("attention.dense", Slot.Output), new("post_attention_layernorm", Slot.MlpNorm), new("mlp.dense_h_to_4h", Slot.In), new("mlp.dense_4h_to_h", Slot.Out),
    ]);

    public override TensorLayout Gguf { get; } = TensorLayout.Gguf.With(new StoredAs("attn_qkv", Slot.Query, Slot.Key, Slot.Value));

    public override Matrices GgufBiases => Matrices.Attention | Matrices.Mlp;

    protected override bool DerivesKeyValueHeads => true;

    public override IReadOnlyList<string> Inert => ["classifier_dropout", "attention_probs_dropout_prob", "hidden_dropout_prob"];

    public override bool IsBuffer(string key) => key.EndsWith(".attention.bias", StringComparison.Ordinal) || key.EndsWith(".attention.masked_bias", StringComparison.Ordinal);

    protected override string EpsilonKey => "layer_norm_eps";

    protected override double DefaultEpsilon => 1e-5;

    protected override string ThetaKey => "rotary_emb_base";

    protected override double RotaryShare(ConfigSection section)
    {
        const string newer = "partial_rotary_factor";
        var other = RopeReader.Share(section, fallback: 0.25);
        var share = section.Share("rotary_pct", fallback: other);
        return share == other || section.Find(newer) is null ? share : throw section.Wrong(newer, "its older spelling rotary_pct is another: remove one of the two");
    }

    protected override Matrices BiasesOf(ConfigSection section) => Matrices.Mlp | (section.Flag("attention_bias", fallback: true) ? Matrices.Attention : Matrices.None);

    public override PartList PartsOf(ModelConfig shape) => PartList.Llama with
    {
        Norm = NormKind.Layer with { HasBias = true },
        Gated = false,
        Nonlinearity = Nonlinearity.Gelu,
        Parallel = true,
    };

    protected override ModelConfig Complete(ModelConfig common, ConfigSection section, List<string> warnings)
    {
        if (common.NKeyValueHeads != common.NHeads) throw section.Wrong("num_key_value_heads", $"only num_attention_heads, {common.NHeads}, is supported");
        return common with
        {
            Parts = common.Parts with
            {
                Parallel = section.Flag("use_parallel_residual", fallback: true),
                Nonlinearity = section.Nonlinearity("hidden_act", Nonlinearity.Gelu, Nonlinearity.GeluNew, Nonlinearity.GeluFast),
            },
            Tree = new TreeConstants { ResidualDropout = section.Share("hidden_dropout", fallback: 0, least: 0) },
        };
    }

    public override ModelConfig Complete(ModelConfig common, GgufSection section)
    {
        var config = base.Complete(common, section);
        return config with { Parts = config.Parts with { Parallel = section.Flag("use_parallel_residual", fallback: true) } };
    }

    public override ModelNode Tree(TreeNodes nodes) => TreeNodes.Group("", "GPTNeoXForCausalLM",
    [
        TreeNodes.Group("gpt_neox", "GPTNeoXModel",
        [
            nodes.Embedding("embed_in"), TreeNodes.Dropout("emb_dropout", nodes.Constants.ResidualDropout), nodes.Layers("layers", "GPTNeoXLayer", LayerNodes(nodes)),
            nodes.LayerNorm("final_layer_norm", Slot.FinalNorm), TreeNodes.Constant("rotary_emb", "GPTNeoXRotaryEmbedding()"),
        ]),
        nodes.Head("lm_head", "embed_in"),
    ]);

    protected override IReadOnlyList<ModelNode> LayerNodes(TreeNodes nodes) =>
    [
        nodes.LayerNorm("input_layernorm", Slot.AttentionNorm), nodes.LayerNorm("post_attention_layernorm", Slot.MlpNorm),
        TreeNodes.Dropout("post_attention_dropout", nodes.Constants.ResidualDropout), TreeNodes.Dropout("post_mlp_dropout", nodes.Constants.ResidualDropout),
        TreeNodes.Group("attention", "GPTNeoXAttention", [nodes.Linear("query_key_value", Slot.Query, Slot.Key, Slot.Value), nodes.Linear("dense", Slot.Output)]),
        TreeNodes.Group("mlp", "GPTNeoXMLP", [nodes.Linear("dense_h_to_4h", Slot.In), nodes.Linear("dense_4h_to_h", Slot.Out), nodes.Nonlinearity("act")]),
    ];
}

internal static partial class FamilyTable
{
    private static Family NewGptNeoX => new GptNeoX();
}
