using PatchKernel.Torch;
using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>Tensors that another source has under names that transformers takes for theirs.</summary>
/// <remarks>
/// Names without the <c>model.</c> or <c>transformer.</c> in front are those of a base model that was saved without its unembedding's class. Where embeddings are tied, either
/// matrix stands for both.
/// </remarks>
internal sealed class RenamedTensors : ITensorSource
{
    private readonly ITensorSource source;
    private readonly IReadOnlyDictionary<string, string> names; // the name in the source, by key

    private RenamedTensors(ITensorSource source, IReadOnlyDictionary<string, string> names) => (this.source, this.names) = (source, names);

    /// <summary>The source itself where every tensor that a config asks for has its own name.</summary>
    public static ITensorSource Of(ITensorSource source, ModelConfig config)
    {
        var names = new Dictionary<string, string>();
        var own = config.Layout.Base;
        foreach (var weight in WeightLayout.All(config).Where(weight => source.Find(weight.Key) is null))
            if (weight.Key.StartsWith(own, StringComparison.Ordinal) && source.Find(weight.Key[own.Length..]) is { } other) names.Add(weight.Key, other.Key);
        if (!config.TiedEmbeddings && WeightLayout.Head(config).Key is var unembedding && source.Find(unembedding) is null && source.Find(TensorLayout.UsualHead) is { } usual)
            names.Add(unembedding, usual.Key); // as transformers 5 calls it in every family
        var embedding = WeightLayout.Embedding(config).Key;
        if (config.TiedEmbeddings && source.Find(embedding) is null && !names.ContainsKey(embedding) && source.Find(WeightLayout.Head(config).Key) is { } head)
            names.Add(embedding, head.Key);
        return names.Count == 0 ? source : new RenamedTensors(source, names);
    }

    public IEnumerable<SourceTensor> Tensors => source.Tensors;

    public SourceTensor? Find(string key) => source.Find(NameOf(key));

    public (string Label, string Place) Describe(string key) => source.Describe(NameOf(key));

    public Tensor Read(string key, (long From, long Count)? rows, ScalarType dtype, Device device) => source.Read(NameOf(key), rows, dtype, device);

    public long BytesRead(string key) => source.BytesRead(NameOf(key));

    public void Dispose() => source.Dispose();

    private string NameOf(string key) => names.GetValueOrDefault(key, key);
}
