using PatchKernel.Models;

namespace PatchKernel;

/// <summary>A model's modules and parameters, as its config gives them.</summary>
/// <remarks><c>ToString</c> gives the tree as PyTorch prints transformers' class of the family.</remarks>
public sealed partial class ModelTree
{
    private ModelTree(ModelConfig config)
    {
        ParametersPerLayer = WeightLayout.Layer(config, 0).Sum(weight => weight.Elements);
        Root = config.Family.Tree(new TreeNodes(config));
        var table = (long)config.DVocab * config.DModel;
        Parts =
        [
            new("embedding", table), .. WeightLayout.Positions(config).Select(positions => new ModelPart("positions", positions.Elements)),
            new("layers", ParametersPerLayer * config.NLayers), new("final norm", WeightLayout.FinalNorm(config).Sum(weight => weight.Elements)),
            new("unembedding", config.TiedEmbeddings ? 0 : table),
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
}

/// <summary>A part of a model and its size.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Parameters">Number of parameters of its own.</param>
public sealed record ModelPart(string Name, long Parameters);
