using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>Some weights by their slots: matrices in the compute dtype, stored [out, in]; norms in float32.</summary>
internal sealed class LayerWeights : IDisposable
{
    private readonly Dictionary<(Slot Slot, bool IsBias), Tensor> tensors = [];

    private LayerWeights() { }

    /// <summary>A matrix that is there, with its bias.</summary>
    public Linear this[Slot slot] => new(tensors[(slot, false)], tensors.GetValueOrDefault((slot, true)));

    /// <summary>A norm with its weights; null where the model has none there.</summary>
    public Norm? NormOf(ModelConfig config, Slot slot) => !config.Computes(slot) ? null
        : new(config.Parts.Norm, config.NormEpsilon, tensors.GetValueOrDefault((slot, false)), tensors.GetValueOrDefault((slot, true)));

    /// <summary>Reads one layer; the result owns its tensors.</summary>
    public static LayerWeights Read(ModelConfig config, int layer, Func<WeightSpec, ScalarType, Tensor> read, ScalarType dtype) =>
        Read(config, WeightLayout.Layer(config, layer), read, dtype);

    /// <summary>Reads some tensors, each once, and cuts them into what they hold; if one of them can't be read, the others are freed.</summary>
    public static LayerWeights Read(ModelConfig config, IEnumerable<WeightSpec> specs, Func<WeightSpec, ScalarType, Tensor> read, ScalarType dtype) => Made(weights =>
    {
        foreach (var spec in specs)
            foreach (var (slot, value) in spec.Cut(config, read(spec, spec.In(dtype)))) weights.Add((slot, spec.IsBias), value);
    });

    /// <summary>Copies the weights, tensor by tensor; the copy owns its tensors.</summary>
    public LayerWeights Copy(Func<Tensor, Tensor> copy) => Made(weights =>
    {
        foreach (var (place, tensor) in tensors) weights.Add(place, copy(tensor));
    });

    public void Dispose()
    {
        foreach (var tensor in tensors.Values) tensor.Dispose();
    }

    private static LayerWeights Made(Action<Dictionary<(Slot, bool), Tensor>> fill)
    {
        var made = new LayerWeights();
        try
        {
            fill(made.tensors);
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }
}
