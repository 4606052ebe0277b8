using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>The parts that a model is placed by, and their bytes.</summary>
/// <param name="Embedding">Bytes of W_E; 0 where it is tied to W_U.</param>
/// <param name="Layer">Bytes of each layer.</param>
/// <param name="Layers">Number of layers.</param>
/// <param name="Head">Bytes of the final norm and W_U.</param>
internal sealed record ModelParts(long Embedding, long Layer, int Layers, long Head)
{
    /// <summary>The parts of a model whose weights are all in one dtype.</summary>
    public static ModelParts Of(ModelConfig config, ScalarType dtype)
    {
        var tree = ModelTree.Of(config);
        var (bytes, table) = ((long)ComputeDtype.Bytes(dtype), (long)config.DVocab * config.DModel);
        return new(
            config.TiedEmbeddings ? 0 : table * bytes, tree.ParametersPerLayer * bytes, config.NLayers, (table + WeightLayout.FinalNorm(config).Sum(weight => weight.Elements)) * bytes);
    }

    /// <summary>Every part by name, in the order of a pass.</summary>
    public IReadOnlyList<(string Module, long Bytes)> All =>
    [
        ("model.embed_tokens", Embedding),
        .. Enumerable.Range(0, Layers).Select(layer => ($"model.layers.{layer}", Layer)),
        ("model.norm, lm_head", Head),
    ];
}
