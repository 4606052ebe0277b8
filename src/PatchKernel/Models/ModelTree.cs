using System.Globalization;
using System.Text;

namespace PatchKernel;

/// <summary>A model's modules and parameters, told from its config.</summary>
/// <remarks><c>ToString</c> gives the tree as PyTorch prints transformers' LlamaForCausalLM.</remarks>
public sealed class ModelTree
{
    private readonly LlamaConfig config;

    private ModelTree(LlamaConfig config)
    {
        this.config = config;
        var layer = Count(WeightLayout.Layer(config, 0));
        var embedding = Count([WeightLayout.Embedding(config)]);
        Parts =
        [
            new("embedding", embedding),
            new("layers", layer * config.NLayers),
            new("final norm", Count([WeightLayout.FinalNorm(config)])),
            new("unembedding", config.TiedEmbeddings ? 0 : Count([WeightLayout.Unembedding(config)])),
        ];
        (Parameters, ParametersPerLayer) = (Parts.Sum(part => part.Parameters), layer);
    }

    /// <summary>The tree of a config; no weights are read.</summary>
    public static ModelTree Of(LlamaConfig config) => new(config);

    /// <summary>Number of parameters; tied embeddings count once.</summary>
    public long Parameters { get; }

    /// <summary>Number of parameters of one layer.</summary>
    public long ParametersPerLayer { get; }

    /// <summary>Number of parameters by part; the unembedding has none of its own where it is tied.</summary>
    public IReadOnlyList<ModelPart> Parts { get; }

    /// <summary>The tree, a module a line, shapes and constants as PyTorch writes them.</summary>
    public override string ToString()
    {
        var tree = new Printer();
        tree.Open("LlamaForCausalLM");
        tree.Open("(model): LlamaModel");
        tree.Line($"(embed_tokens): Embedding({config.DVocab}, {config.DModel})");
        tree.Open("(layers): ModuleList");
        tree.Open(config.NLayers == 1 ? "(0): LlamaDecoderLayer" : $"(0-{config.NLayers - 1}): {config.NLayers} x LlamaDecoderLayer");
        PrintLayer(tree);
        tree.Close(2);
        tree.Line($"(norm): {Norm()}");
        tree.Line("(rotary_emb): LlamaRotaryEmbedding()");
        tree.Close(1);
        tree.Line(Matrix("lm_head", WeightLayout.Unembedding(config), bias: false));
        tree.Close(1);
        return tree.ToString();
    }

    private void PrintLayer(Printer tree)
    {
        tree.Open("(self_attn): LlamaAttention");
        tree.Line(Matrix("q_proj", WeightLayout.Query(config, 0), config.AttentionBias));
        tree.Line(Matrix("k_proj", WeightLayout.KeyMatrix(config, 0), config.AttentionBias));
        tree.Line(Matrix("v_proj", WeightLayout.Value(config, 0), config.AttentionBias));
        tree.Line(Matrix("o_proj", WeightLayout.Output(config, 0), config.AttentionBias));
        tree.Close(1);
        tree.Open("(mlp): LlamaMLP");
        tree.Line(Matrix("gate_proj", WeightLayout.Gate(config, 0), config.MlpBias));
        tree.Line(Matrix("up_proj", WeightLayout.In(config, 0), config.MlpBias));
        tree.Line(Matrix("down_proj", WeightLayout.Out(config, 0), config.MlpBias));
        tree.Line("(act_fn): SiLU()");
        tree.Close(1);
        tree.Line($"(input_layernorm): {Norm()}");
        tree.Line($"(post_attention_layernorm): {Norm()}");
    }

    private static string Matrix(string name, WeightSpec weight, bool bias) =>
        $"({name}): Linear(in_features={weight.Shape[1]}, out_features={weight.Shape[0]}, bias={(bias ? "True" : "False")})";

    private string Norm() => $"LlamaRMSNorm(({config.DModel},), eps={config.NormEpsilon.ToString(CultureInfo.InvariantCulture).ToLowerInvariant()})";

    private static long Count(IEnumerable<WeightSpec> weights) =>
        weights.Sum(weight => weight.Shape.Aggregate(1L, (product, size) => product * size));

    private sealed class Printer
    {
        private readonly StringBuilder lines = new();
        private int depth;

        public void Open(string module)
        {
            Line($"{module}(");
            depth++;
        }

        public void Close(int levels)
        {
            for (; levels > 0; levels--)
            {
                depth--;
                Line(")");
            }
        }

        public void Line(string text) => lines.Append(lines.Length > 0 ? "\n" : "").Append(' ', 2 * depth).Append(text);

        public override string ToString() => lines.ToString();
    }
}

/// <summary>A part of a model and its size.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Parameters">Number of parameters of its own.</param>
public sealed record ModelPart(string Name, long Parameters);
