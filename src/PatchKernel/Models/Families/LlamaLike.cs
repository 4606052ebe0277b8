namespace PatchKernel.Models;

/// <summary>What the families after Llama share: the keys of their config, the names of their tensors, and their tree.</summary>
/// <remarks>
/// A key that is absent takes transformers' default where files commonly leave it out: num_key_value_heads is num_attention_heads and head_dim is hidden_size /
/// num_attention_heads in the families that have them so, and epsilon, rope_theta, max_position_embeddings and tie_word_embeddings have one for each family.
/// Every other key that is used has to be there.
/// </remarks>
internal abstract class LlamaLike : Family
{
    /// <summary>max_position_embeddings where it isn't there.</summary>
    protected virtual int DefaultPositions => 2048;

    /// <summary>The key of epsilon.</summary>
    protected virtual string EpsilonKey => "rms_norm_eps";

    /// <summary>What it is where it isn't there.</summary>
    protected virtual double DefaultEpsilon => 1e-6;

    /// <summary>The key of the rotary embedding's base.</summary>
    protected virtual string ThetaKey => RopeReader.Theta;

    /// <summary>What it is where it isn't there.</summary>
    protected virtual double DefaultTheta => 10_000;

    /// <summary>tie_word_embeddings where it isn't there.</summary>
    protected virtual bool DefaultTied => false;

    /// <summary>pad_token_id where it isn't there.</summary>
    protected virtual int? DefaultPadding => null;

    /// <summary>Whether a config without num_key_value_heads has as many as heads; else it has to be there.</summary>
    protected virtual bool DerivesKeyValueHeads => false;

    /// <summary>Whether a config without head_dim has heads of hidden_size / num_attention_heads; else it has to be there.</summary>
    protected virtual bool DerivesHead => true;

    /// <summary>The share of a head that is turned; a family whose config has a key for it reads it.</summary>
    protected virtual double RotaryShare(ConfigSection section) => 1;

    /// <summary>What the rotary embedding has where the config says nothing.</summary>
    protected virtual RopeDefaults RopeDefaults(int positions, int width) => new(ThetaKey, DefaultTheta, positions, width);

    public override ModelConfig Read(ConfigSection section, List<string> warnings)
    {
        var (dModel, nHeads) = (section.Size("hidden_size"), section.Size("num_attention_heads"));
        var dHead = section.Find("head_dim") is null && DerivesHead ? DerivedHead(section, dModel, nHeads) : section.Size("head_dim");
        var positions = section.Size("max_position_embeddings", fallback: DefaultPositions, max: int.MaxValue);
        var share = RotaryShare(section);
        var rotaryWidth = (int)(dHead * share);
        var config = new ModelConfig
        {
            NLayers = section.Size("num_hidden_layers", max: ConfigSection.MaxLayers),
            NHeads = nHeads,
            NKeyValueHeads = section.Size("num_key_value_heads", fallback: DerivesKeyValueHeads ? nHeads : null),
            DModel = dModel,
            DHead = dHead,
            DMlp = section.Size("intermediate_size"),
            DVocab = section.Size("vocab_size"),
            NormEpsilon = section.Positive(EpsilonKey, fallback: DefaultEpsilon),
            Rope = RopeReader.Read(section, RopeDefaults(positions, rotaryWidth) with { Share = share }, warnings),
            Biases = BiasesOf(section),
            TiedEmbeddings = section.Flag("tie_word_embeddings", fallback: DefaultTied),
            MaxPositions = positions,
            Family = this,
            Layout = Hub,
            Tree = new TreeConstants { PaddingIndex = section.Padding() ?? DefaultPadding },
        };
        Check(section, config, rotaryWidth);
        config = config with { Parts = PartsOf(config) with { RotaryWidth = rotaryWidth == dHead ? null : rotaryWidth } };
        return Complete(config, section, warnings);
    }

    /// <summary>The biases that a config asks for.</summary>
    protected virtual Matrices BiasesOf(ConfigSection section) => section.Flag("attention_bias", fallback: false) ? Matrices.Attention : Matrices.None;

    /// <summary>Completes what all these families' configs say with what this one's does.</summary>
    protected virtual ModelConfig Complete(ModelConfig common, ConfigSection section, List<string> warnings) => common;

    /// <summary>What a layer's module has, in PyTorch's order.</summary>
    protected virtual IReadOnlyList<ModelNode> LayerNodes(TreeNodes nodes) =>
    [
        TreeNodes.Group("self_attn", $"{ClassName}Attention", AttentionNodes(nodes)), MlpNode(nodes),
        Norm(nodes, "input_layernorm", Slot.AttentionNorm), Norm(nodes, "post_attention_layernorm", Slot.MlpNorm),
    ];

    /// <summary>What the module of attention has.</summary>
    protected virtual IEnumerable<ModelNode> AttentionNodes(TreeNodes nodes) =>
        [nodes.Linear("q_proj", Slot.Query), nodes.Linear("k_proj", Slot.Key), nodes.Linear("v_proj", Slot.Value), nodes.Linear("o_proj", Slot.Output)];

    /// <summary>The same with norms on queries and keys.</summary>
    protected IEnumerable<ModelNode> WithHeadNorms(TreeNodes nodes, IEnumerable<ModelNode> attention) =>
        [.. attention, Norm(nodes, "q_norm", Slot.QueryNorm), Norm(nodes, "k_norm", Slot.KeyNorm)];

    /// <summary>The MLP's module.</summary>
    protected virtual ModelNode MlpNode(TreeNodes nodes) => TreeNodes.Group("mlp", $"{ClassName}MLP",
    [
        nodes.Linear("gate_proj", Slot.Gate), nodes.Linear("up_proj", Slot.In), nodes.Linear("down_proj", Slot.Out), nodes.Nonlinearity("act_fn"),
    ]);

    /// <summary>A norm's module.</summary>
    protected ModelNode Norm(TreeNodes nodes, string name, Slot slot) => nodes.RmsNorm(name, $"{ClassName}RMSNorm", slot);

    /// <summary>The class of the embedding.</summary>
    protected virtual string EmbeddingClass => "Embedding";

    /// <summary>The class of the base model.</summary>
    protected virtual string BaseClass => $"{ClassName}Model";

    public override ModelNode Tree(TreeNodes nodes) => TreeNodes.Group("", $"{ClassName}ForCausalLM",
    [
        TreeNodes.Group("model", BaseClass,
        [
            nodes.Embedding("embed_tokens", EmbeddingClass), nodes.Layers("layers", $"{ClassName}DecoderLayer", LayerNodes(nodes)),
            Norm(nodes, "norm", Slot.FinalNorm), TreeNodes.Constant("rotary_emb", $"{ClassName}RotaryEmbedding()"),
        ]),
        nodes.Head("lm_head", "embed_tokens"),
    ]);

    private static int DerivedHead(ConfigSection section, int dModel, int nHeads) => dModel % nHeads == 0
        ? dModel / nHeads
        : throw section.Wrong("hidden_size", $"it must be a multiple of num_attention_heads, {nHeads}, where head_dim isn't given");

    private static void Check(ConfigSection section, ModelConfig config, int rotaryWidth)
    {
        if (config.NHeads % config.NKeyValueHeads != 0)
            throw section.Wrong("num_key_value_heads", $"it must divide num_attention_heads, {config.NHeads}");
        if (rotaryWidth < 2 || rotaryWidth % 2 != 0)
            throw section.Wrong(section.Find("head_dim") is null ? "hidden_size" : "head_dim", rotaryWidth == config.DHead
                ? $"a head, {config.DHead} wide, must have an even width" : $"of a head, {config.DHead} wide, {rotaryWidth} entries would be turned, and they go by two");
        var width = (long)config.NHeads * config.DHead;
        if (width > ConfigSection.MaxSize) throw section.Wrong("num_attention_heads", $"all heads together must be at most {ConfigSection.MaxSize} wide, and they are {width}");
    }
}
