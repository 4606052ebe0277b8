using PatchKernel.Gguf;
using PatchKernel.Torch;
using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>The tensors of a Llama model in a GGUF file, under Hugging Face's names and with its order of rows.</summary>
/// <remarks>
/// GGUF has the two entries that the rotary embedding turns together side by side, Hugging Face has them half a head apart: the rows of
/// queries and keys are put back. A bias that isn't in the file where another one is counts as zeros: llama.cpp adds each one that is there.
/// </remarks>
internal sealed class GgufWeights : ITensorSource
{
    private readonly GgufParts file;
    private readonly ModelConfig config;
    private readonly Dictionary<string, SourceTensor> tensors;
    private readonly Dictionary<string, SourceTensor> absentBiases;

    public GgufWeights(GgufParts file, ModelConfig config)
    {
        (this.file, this.config) = (file, config);
        tensors = file.Tensors.Values.Where(stored => stored.Name != GgufNames.RopeFactors) // the config has it
            .Select(stored => new SourceTensor(
                GgufNames.ToKey(stored.Name), stored.Name, stored.Shape, stored.Type.Name, stored.Type.Expanded, stored.Bytes, file.PlaceOf(stored.Name)))
            .ToDictionary(tensor => tensor.Key);
        absentBiases = WeightLayout.All(config).Where(weight => WeightLayout.IsBias(weight) && !tensors.ContainsKey(weight.Key))
            .Select(weight => new SourceTensor(weight.Key, GgufNames.FromKey(weight.Key), weight.Shape, "zeros", ScalarType.Float32, Bytes: 0, Place: ""))
            .ToDictionary(tensor => tensor.Key);
    }

    public IEnumerable<SourceTensor> Tensors => tensors.Values;

    public SourceTensor? Find(string key) => tensors.GetValueOrDefault(key) ?? absentBiases.GetValueOrDefault(key);

    public (string Label, string Place) Describe(string key) => (GgufNames.FromKey(key), "");

    public Tensor Read(string key, (long From, long Count)? rows, ScalarType dtype, Device device)
    {
        if (absentBiases.TryGetValue(key, out var absent)) return zeros(rows is { } part ? [part.Count] : absent.Shape, dtype, device);
        var stored = file.Tensors[tensors[key].Label];
        var (from, count) = rows ?? (0, stored.Shape[0]);
        if (!GgufNames.IsInterleaved(stored.Name)) return file.Read(stored, from, count, dtype, device);

        using var scope = NewDisposeScope();
        var (firstHead, endHead) = (from / config.DHead, (from + count + config.DHead - 1) / config.DHead);
        var heads = file.Read(stored, firstHead * config.DHead, (endHead - firstHead) * config.DHead, dtype, device);
        // [heads, d_head / 2, 2, in] to [heads, 2, d_head / 2, in]
        var ordered = heads.view(endHead - firstHead, config.DHead / 2, 2, -1).transpose(1, 2).reshape(heads.shape);
        return scope.MoveToOuter(count == heads.shape[0] ? ordered : ordered.narrow(0, from - (firstHead * config.DHead), count).clone());
    }

    public long BytesRead(string key) => tensors.TryGetValue(key, out var stored) ? file.BytesRead(stored.Label) : 0;

    public void Dispose() => file.Dispose();
}
