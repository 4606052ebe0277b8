using PatchKernel.Models;
using PatchKernel.Safetensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PatchKernel.TrainMini;

/// <summary>The model's weights, as they are trained: float32, with gradients.</summary>
internal sealed class Parameters : IDisposable
{
    // Wider than the usual 0.02, at which a model of this size takes far longer to start learning.
    private const double Spread = 0.06;

    private readonly Dictionary<string, Parameter> byKey = [];

    /// <summary>Matrices from a normal distribution, norms at one.</summary>
    public Parameters(ModelConfig config, int seed)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed);
        foreach (var weight in WeightLayout.All(config))
        {
            var start = weight.Shape.Length == 1 ? ones(weight.Shape) : randn(weight.Shape, generator: generator).Times(Spread);
            var parameter = new Parameter(start);
            parameter.DetachFromDisposeScope();
            byKey.Add(weight.Key, parameter);
        }
    }

    /// <summary>All of them, in the order of the forward pass.</summary>
    public IReadOnlyCollection<Parameter> All => byKey.Values;

    /// <summary>Hands one over as the library's model wants it; it stays owned by this object.</summary>
    public Tensor Read(WeightSpec weight, ScalarType dtype) => byKey[weight.Key];

    /// <summary>Writes a checkpoint's weights, rounded to bfloat16.</summary>
    public void Write(string path)
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(path, byKey.ToDictionary(entry => entry.Key, entry => entry.Value.detach().to(ScalarType.BFloat16)));
    }

    public void Dispose()
    {
        foreach (var parameter in byKey.Values) parameter.Dispose();
    }
}
