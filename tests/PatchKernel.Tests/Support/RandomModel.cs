using PatchKernel.Models;
using TorchSharp;

namespace PatchKernel.Tests;

/// <summary>Small models with random weights, for facts that hold whatever the weights.</summary>
internal static class RandomModel
{
    public static ModelConfig Config { get; } = new()
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

    /// <summary>The same put together from what no Llama has.</summary>
    /// <param name="parallel">Whether attention and MLP run in parallel.</param>
    public static ModelConfig ManyParts(bool parallel) => Config with
    {
        Biases = Matrices.Attention | Matrices.In | Matrices.Out,
        Layout = TensorLayout.Gguf, // it has a name for everything
        Parts = new PartList
        {
            Norm = NormKind.Layer with { HasBias = true },
            NormBehind = true,
            QueryKeyNorm = QueryKeyNorm.AllHeads,
            ScoreCap = 2,
            RotaryWidth = 4,
            Layers = new([new(new RopeConfig.Dynamic(100, 2, 4), 2), new(null, null), new(new RopeConfig.Yarn(1000, 4, 4, 1.2), 3)]),
            LearnedPositions = true,
            Gated = false,
            Nonlinearity = Nonlinearity.GeluTanh,
            Parallel = parallel,
            EmbeddingScale = 2,
            LogitCap = 3,
        },
    };

    public static LanguageModel Create(
        ModelConfig? config = null, int seed = 1, torch.ScalarType dtype = torch.ScalarType.Float32, Func<string, float[], float[]>? change = null) =>
        Create(config ?? Config, parts => DeviceMap.Whole(parts, WeightHome.Device, torch.CPU).Parts, seed, dtype, change);

    /// <summary>The same weights wherever the parts are placed.</summary>
    public static LanguageModel Create(
        ModelConfig config, Func<ModelParts, IReadOnlyList<PlacedPart>> place, int seed = 1, torch.ScalarType dtype = torch.ScalarType.Float32,
        Func<string, float[], float[]>? change = null)
    {
        ComputeThreads.Choose(config);
        using var generator = new torch.Generator((ulong)seed, torch.CPU); // its own: other tests draw at the same time
        var stored = WeightLayout.All(config).ToDictionary(weight => weight.Key, weight => Random(weight, generator));
        if (change is not null) stored = stored.ToDictionary(entry => entry.Key, entry => change(entry.Key, entry.Value));
        var map = new DeviceMap(place(ModelParts.Of(config, dtype)));
        return new LanguageModel("random", config, new PlacedWeights(config, map, Read, ReadRows, dtype), dtype);

        torch.Tensor Read(WeightSpec weight, torch.ScalarType wanted, torch.Device device) => Tensor(stored[weight.Key], weight.Shape, wanted, device).DetachFromDisposeScope();

        torch.Tensor ReadRows(WeightSpec weight, long from, long count, torch.ScalarType wanted, torch.Device device)
        {
            var width = weight.Shape[1];
            return Tensor(stored[weight.Key][(int)(from * width)..(int)((from + count) * width)], [count, width], wanted, device);
        }
    }

    private static float[] Random(WeightSpec weight, torch.Generator generator)
    {
        using var scope = torch.NewDisposeScope();
        var values = torch.randn(weight.Shape, generator: generator).Times(0.3);
        if (weight.Key.Contains("norm", StringComparison.Ordinal)) values = values.Plus(1);
        return values.ToFloats();
    }

    private static torch.Tensor Tensor(float[] values, long[] shape, torch.ScalarType dtype, torch.Device device)
    {
        using var scope = torch.NewDisposeScope();
        return scope.MoveToOuter(torch.tensor(values).view(shape).to(dtype).to(device));
    }

    public static PromptPair Pair { get; } = new(
        null, Prompt.FromIds([3, 14, 15, 9, 26, 5]), Prompt.FromIds([3, 14, 35, 8, 26, 5]), new Target(7, null), new Target(11, null));
}
