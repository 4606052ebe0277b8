namespace PatchKernel.Models;

/// <summary>GPT-2; Radford et al. 2019.</summary>
internal sealed class Gpt2 : Family
{
    public override string ModelType => "gpt2";

    public override string ClassName => "GPT2";

    // Its matrices are of a class called Conv1D, [in, out].
    public override TensorLayout Hub { get; } = new TensorLayout("transformer.", "transformer.h.",
    [
        new("transformer.wte", Slot.Embedding), new("transformer.wpe", Slot.Positions), new("transformer.ln_f", Slot.FinalNorm), new("lm_head", Slot.Head),
        new("ln_1", Slot.AttentionNorm), new("attn.c_attn", Slot.Query, Slot.Key, Slot.Value) { Transposed = true }, new("attn.c_proj", Slot.Output) { Transposed = true },
        new("ln_2", Slot.MlpNorm), new("mlp.c_fc", Slot.In) { Transposed = true }, new("mlp.c_proj", Slot.Out) { Transposed = true },
    ]);

    public override TensorLayout Gguf { get; } = TensorLayout.Gguf.With(new StoredAs("attn_qkv", Slot.Query, Slot.Key, Slot.Value));

    public override Matrices GgufBiases => Matrices.Attention | Matrices.Mlp;

    public override IReadOnlyDictionary<string, object[]> AcceptedAt { get; } = new Dictionary<string, object[]>
    {
        ["scale_attn_weights"] = [true],
        ["scale_attn_by_inverse_layer_idx"] = [false],
    };

    public override IReadOnlyList<string> Inert =>
        ["n_ctx", "n_special", "predict_special_tokens", "reorder_and_upcast_attn", "summary_activation", "summary_first_dropout", "summary_proj_to_labels", "summary_type", "summary_use_proj"];

    public override bool IsBuffer(string key) => key.EndsWith(".attn.bias", StringComparison.Ordinal) || key.EndsWith(".attn.masked_bias", StringComparison.Ordinal);

    public override ModelConfig Read(ConfigSection section, List<string> warnings)
    {
        var (width, heads) = (section.Size("n_embd"), section.Size("n_head"));
        if (width % heads != 0) throw section.Wrong("n_embd", $"it must be a multiple of n_head, {heads}");
        var config = new ModelConfig
        {
            NLayers = section.Size("n_layer", max: ConfigSection.MaxLayers),
            NHeads = heads,
            NKeyValueHeads = heads,
            DModel = width,
            DHead = width / heads,
            DMlp = section.Size("n_inner", fallback: Math.Min(4 * width, ConfigSection.MaxSize)),
            DVocab = section.Size("vocab_size"),
            NormEpsilon = section.Positive("layer_norm_epsilon", fallback: 1e-5),
            Rope = null,
            Biases = Matrices.Attention | Matrices.Mlp,
            TiedEmbeddings = section.Flag("tie_word_embeddings", fallback: true),
            MaxPositions = section.Size("n_positions", fallback: 1024),
            Family = this,
            Layout = Hub,
            Tree = new TreeConstants
            {
                EmbeddingDropout = section.Share("embd_pdrop", fallback: 0.1, least: 0),
                AttentionDropout = section.Share("attn_pdrop", fallback: 0.1, least: 0),
                ResidualDropout = section.Share("resid_pdrop", fallback: 0.1, least: 0),
            },
        };
        var nonlinearity = section.Nonlinearity("activation_function", Nonlinearity.GeluNew, Nonlinearity.GeluTanh, Nonlinearity.Gelu);
        return config with { Parts = PartsOf(config) with { Nonlinearity = nonlinearity } };
    }

    public override PartList PartsOf(ModelConfig shape) => PartList.Llama with
    {
        Norm = NormKind.Layer with { HasBias = true },
        LearnedPositions = true,
        Gated = false,
        Nonlinearity = Nonlinearity.GeluNew,
    };

    public override ModelNode Tree(TreeNodes nodes) => TreeNodes.Group("", "GPT2LMHeadModel",
    [
        TreeNodes.Group("transformer", "GPT2Model",
        [
            nodes.Embedding("wte"), nodes.Positions("wpe"), TreeNodes.Dropout("drop", nodes.Constants.EmbeddingDropout),
            nodes.Layers("h", "GPT2Block",
            [
                nodes.LayerNorm("ln_1", Slot.AttentionNorm),
                TreeNodes.Group("attn", "GPT2Attention",
                [
                    nodes.Conv1D("c_attn", Slot.Query, Slot.Key, Slot.Value), nodes.Conv1D("c_proj", Slot.Output),
                    TreeNodes.Dropout("attn_dropout", nodes.Constants.AttentionDropout), TreeNodes.Dropout("resid_dropout", nodes.Constants.ResidualDropout),
                ]),
                nodes.LayerNorm("ln_2", Slot.MlpNorm),
                TreeNodes.Group("mlp", "GPT2MLP",
                [
                    nodes.Conv1D("c_fc", Slot.In), nodes.Conv1D("c_proj", Slot.Out), nodes.Nonlinearity("act"), TreeNodes.Dropout("dropout", nodes.Constants.ResidualDropout),
                ]),
            ]),
            nodes.LayerNorm("ln_f", Slot.FinalNorm),
        ]),
        nodes.Head("lm_head", "wte"),
    ]);
}

internal static partial class FamilyTable
{
    private static Family NewGpt2 => new Gpt2();
}
