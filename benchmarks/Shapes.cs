using PatchKernel.Models;
using TorchSharp;

namespace PatchKernel.Benchmarks;

/// <summary>A model's shape, filled with random weights on the spot: what a sweep costs doesn't depend on their values.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Config">The shape.</param>
internal sealed record Shape(string Name, ModelConfig Config)
{
    public static IReadOnlyList<Shape> All { get; } =
    [
        new("mini", Of(layers: 8, dModel: 128, heads: 4, kvHeads: 2, dMlp: 256, vocabulary: 409)),
        new("smollm2", Of(layers: 30, dModel: 576, heads: 9, kvHeads: 3, dMlp: 1536, vocabulary: 49152)),
        new("1b", Of(layers: 16, dModel: 2048, heads: 32, kvHeads: 8, dMlp: 8192, vocabulary: 128256)),
    ];

    /// <summary>Bytes of all weights.</summary>
    public long Bytes(torch.ScalarType dtype) => ModelTree.Of(Config).Parameters * ComputeDtype.Bytes(dtype);

    /// <summary>A model of the shape; the caller's to dispose.</summary>
    public LanguageModel Create(torch.ScalarType dtype)
    {
        using var noGrad = torch.no_grad();
        using var generator = torch.random.manual_seed(0);
        return new LanguageModel(Name, Config, PlacedWeights.OnCpu(Config, Random, dtype), dtype);
    }

    /// <summary>A random weight in bfloat16, of the size that keeps the stream's norm, so that no logit overflows.</summary>
    public static torch.Tensor Random(WeightSpec weight) => Random(weight, torch.ScalarType.BFloat16);

    private static torch.Tensor Random(WeightSpec weight, torch.ScalarType dtype)
    {
        using var noGrad = torch.no_grad();
        var values = torch.empty(weight.Shape, dtype).DetachFromDisposeScope();
        return weight.Shape.Length == 1 ? values.fill_(1) : values.uniform_(-1 / Math.Sqrt(weight.Shape[1]), 1 / Math.Sqrt(weight.Shape[1]));
    }

    /// <summary>Two prompts of random ids that differ at one position alone, by default at half their length.</summary>
    public PromptPair Pair(int tokens, int seed, int? difference = null)
    {
        var at = difference ?? tokens / 2;
        var random = new Random(seed);
        int[] clean = [.. Enumerable.Range(0, tokens).Select(_ => random.Next(Config.DVocab))];
        int[] corrupt = [.. clean];
        corrupt[at] = (clean[at] + 1) % Config.DVocab;
        return PromptPair.FromIds(clean, corrupt, 1, 2);
    }

    public static ModelConfig Of(int layers, int dModel, int heads, int kvHeads, int dMlp, int vocabulary, bool tied = true) => new()
    {
        NLayers = layers,
        NHeads = heads,
        NKeyValueHeads = kvHeads,
        DModel = dModel,
        DHead = dModel / heads,
        DMlp = dMlp,
        DVocab = vocabulary,
        NormEpsilon = 1e-5,
        Rope = new RopeConfig.Plain(500000),
        TiedEmbeddings = tied,
        MaxPositions = 8192,
    };
}
