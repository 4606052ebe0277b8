using System.Globalization;
using PatchKernel.Models;

namespace PatchKernel;

/// <summary>A model's modules and parameters, as its config gives them.</summary>
/// <remarks><c>ToString</c> gives the tree as PyTorch prints transformers' LlamaForCausalLM.</remarks>
public sealed partial class ModelTree
{
    private readonly ModelConfig config;

    private ModelTree(ModelConfig config)
    {
        this.config = config;
        var each = Layer();
        ParametersPerLayer = each.Sum(module => module.Parameters);
        var (indices, times) = config.NLayers == 1 ? ("0", "") : ($"0-{config.NLayers - 1}", $"{config.NLayers} x ");
        var layers = Group("layers", "ModuleList", new ModelNode(
            indices, $"{times}LlamaDecoderLayer", ParametersPerLayer * config.NLayers, FormattableString.Invariant($"{ParametersPerLayer:N0} each"), each));
        var table = WeightLayout.Embedding(config);
        var embedding = new ModelNode("embed_tokens", $"Embedding({config.DVocab}, {config.DModel})", table.Elements, string.Join(" × ", table.Shape));
        var norm = Norm("norm", WeightLayout.FinalNorm(config));
        var head = Matrix("lm_head", WeightLayout.Unembedding(config), bias: false);
        if (config.TiedEmbeddings) head = head with { Parameters = 0, Shape = $"{head.Shape}, tied to embed_tokens" };
        var rotary = new ModelNode("rotary_emb", "LlamaRotaryEmbedding()", 0);
        Root = Group("", "LlamaForCausalLM", Group("model", "LlamaModel", embedding, layers, norm, rotary), head);
        Parts =
        [
            new("embedding", embedding.Parameters), new("layers", layers.Parameters),
            new("final norm", norm.Parameters), new("unembedding", head.Parameters),
        ];
    }

    /// <summary>The tree of a config; no weights are read.</summary>
    public static ModelTree Of(ModelConfig config) => new(config);

    /// <summary>Number of parameters; tied embeddings count once.</summary>
    public long Parameters => Root.Parameters;

    /// <summary>Number of parameters of one layer.</summary>
    public long ParametersPerLayer { get; }

    /// <summary>Number of parameters by part; the unembedding has none of its own where it is tied.</summary>
    public IReadOnlyList<ModelPart> Parts { get; }

    /// <summary>The tree, a module a line, shapes and constants as PyTorch writes them.</summary>
    public override string ToString() => string.Join('\n', Root.Lines());

    /// <summary>The outermost module.</summary>
    internal ModelNode Root { get; }

    private ModelNode[] Layer() =>
    [
        Group("self_attn", "LlamaAttention",
            Matrix("q_proj", WeightLayout.Query(config, 0), config.AttentionBias),
            Matrix("k_proj", WeightLayout.KeyMatrix(config, 0), config.AttentionBias),
            Matrix("v_proj", WeightLayout.Value(config, 0), config.AttentionBias),
            Matrix("o_proj", WeightLayout.Output(config, 0), config.AttentionBias)),
        Group("mlp", "LlamaMLP",
            Matrix("gate_proj", WeightLayout.Gate(config, 0), config.MlpBias),
            Matrix("up_proj", WeightLayout.In(config, 0), config.MlpBias),
            Matrix("down_proj", WeightLayout.Out(config, 0), config.MlpBias),
            new ModelNode("act_fn", "SiLU()", 0)),
        Norm("input_layernorm", WeightLayout.AttentionNorm(config, 0)),
        Norm("post_attention_layernorm", WeightLayout.MlpNorm(config, 0)),
    ];

    private static ModelNode Group(string name, string type, params ModelNode[] children) =>
        new(name, type, children.Sum(child => child.Parameters), "", children);

    private static ModelNode Matrix(string name, WeightSpec weight, bool bias) => new(
        name, $"Linear(in_features={weight.Shape[1]}, out_features={weight.Shape[0]}, bias={(bias ? "True" : "False")})",
        weight.Elements + (bias ? weight.Shape[0] : 0), string.Join(" × ", weight.Shape));

    private ModelNode Norm(string name, WeightSpec weight) => new(
        name, $"LlamaRMSNorm(({config.DModel},), eps={config.NormEpsilon.ToString(CultureInfo.InvariantCulture).ToLowerInvariant()})",
        weight.Elements, $"{config.DModel}");
}

/// <summary>A part of a model and its size.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Parameters">Number of parameters of its own.</param>
public sealed record ModelPart(string Name, long Parameters);
