using TorchSharp;

namespace PatchKernel.Tests;

/// <summary>Small models with random weights, for facts that hold whatever the weights.</summary>
internal static class RandomModel
{
    public static LlamaConfig Config { get; } = new()
    {
        NLayers = 3,
        NHeads = 4,
        NKeyValueHeads = 2,
        DModel = 24,
        DHead = 6,
        DMlp = 40,
        DVocab = 50,
        NormEpsilon = 1e-5,
        Rope = new RopeConfig.Plain(10000),
        TiedEmbeddings = false,
        MaxPositions = 128,
    };

    public static Llama Create(LlamaConfig? config = null, int seed = 1, torch.ScalarType dtype = torch.ScalarType.Float32)
    {
        ComputeThreads.Choose(config ?? Config);
        using var generator = torch.random.manual_seed(seed);
        return new Llama("random", config ?? Config, new ResidentWeights(config ?? Config, Read, dtype), dtype, torch.CPU);

        torch.Tensor Read(WeightSpec weight, torch.ScalarType wanted)
        {
            using var scope = torch.NewDisposeScope();
            var values = torch.randn(weight.Shape) * 0.3;
            if (weight.Key.Contains("norm", StringComparison.Ordinal)) values += 1;
            return values.to(wanted).DetachFromDisposeScope();
        }
    }

    public static PromptPair Pair { get; } = new(
        null, Prompt.FromIds([3, 14, 15, 9, 26, 5]), Prompt.FromIds([3, 14, 35, 8, 26, 5]), new Target(7, null), new Target(11, null));
}
