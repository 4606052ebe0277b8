using PatchKernel.Gguf;
using PatchKernel.Torch;
using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>The tensors of a model in a GGUF file.</summary>
/// <remarks>A bias that isn't in the file where another layer's is counts as zeros, unless the family always has it: llama.cpp adds each one that is there.</remarks>
internal sealed class GgufWeights : ITensorSource
{
    private readonly GgufParts file;
    private readonly Dictionary<string, SourceTensor> tensors;
    private readonly Dictionary<string, SourceTensor> absentBiases;

    public GgufWeights(GgufParts file, ModelConfig config)
    {
        this.file = file;
        tensors = file.Tensors.Values.Where(stored => !GgufRope.IsNameOf(stored.Name)) // the config has it
            .Select(stored => new SourceTensor(
                stored.Name, stored.Name, stored.Shape, stored.Type.Name, stored.Type.Expanded, stored.Bytes, file.PlaceOf(stored.Name)))
            .ToDictionary(tensor => tensor.Key);
        absentBiases = WeightLayout.All(config).Where(weight => weight.IsBias && weight.Holds.All(MayLack) && !tensors.ContainsKey(weight.Key))
            .Select(weight => new SourceTensor(weight.Key, weight.Key, weight.Shape, "zeros", ScalarType.Float32, Bytes: 0, Place: ""))
            .ToDictionary(tensor => tensor.Key);

        bool MayLack(Slot slot) => !slot.IsNorm() && (config.Family.GgufBiases & slot.Matrix()) == 0;
    }

    public IEnumerable<SourceTensor> Tensors => tensors.Values;

    public SourceTensor? Find(string key) => tensors.GetValueOrDefault(key) ?? absentBiases.GetValueOrDefault(key);

    public (string Label, string Place) Describe(string key) => (key, "");

    public Tensor Read(string key, (long From, long Count)? rows, ScalarType dtype, Device device)
    {
        if (absentBiases.TryGetValue(key, out var absent)) return zeros(rows is { } part ? [part.Count] : absent.Shape, dtype, device);
        var stored = file.Tensors[key];
        var (from, count) = rows ?? (0, stored.Shape[0]);
        return file.Read(stored, from, count, dtype, device);
    }

    public long BytesRead(string key) => tensors.ContainsKey(key) ? file.BytesRead(key) : 0;

    public void Dispose() => file.Dispose();
}
