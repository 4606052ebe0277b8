using System.Text.Json;
using PatchKernel.Files;
using PatchKernel.Json;
using PatchKernel.Text;
using PatchKernel.Torch;
using static TorchSharp.torch;

namespace PatchKernel.Safetensors;

/// <summary>The safetensors files of a checkpoint folder: one, or several with an index that maps tensors to files.</summary>
internal sealed class CheckpointFiles : ITensorSource
{
    private readonly IReadOnlyDictionary<string, SafetensorsFile> shards; // by the files' names
    private readonly IReadOnlyDictionary<string, string>? index;          // tensor to shard; null where there is one file
    private readonly Dictionary<(string Key, string Place), SourceTensor> tensors;

    private CheckpointFiles(IReadOnlyDictionary<string, SafetensorsFile> shards, IReadOnlyDictionary<string, string>? index)
    {
        (this.shards, this.index) = (shards, index);
        tensors = shards.SelectMany(shard => shard.Value.Tensors.Values.Select(stored => Entry(stored, shard.Key)))
            .ToDictionary(tensor => (tensor.Key, tensor.Place));
    }

    public IEnumerable<SourceTensor> Tensors => tensors.Values;

    /// <summary>Opens the files of a folder and checks all their headers.</summary>
    /// <exception cref="PatchKernelException">Files are missing, or one breaks the format's rules.</exception>
    public static CheckpointFiles Open(string folder)
    {
        if (InputFile.Exists(Path.Combine(folder, FileNames.Weights))) return Open(folder, [FileNames.Weights], index: null);
        var indexPath = Path.Combine(folder, FileNames.WeightsIndex);
        if (!InputFile.Exists(indexPath)) throw OtherFolder.WithoutWeights(folder);

        var index = JsonFile.Read(indexPath, json => ReadIndex(json, indexPath));
        var shards = ShardsOf(index);
        var missing = shards.Where(shard => !File.Exists(Path.Combine(folder, shard))).ToList();
        return missing.Count == 0
            ? Open(folder, shards, index)
            : throw new PatchKernelException(
                $"'{indexPath}' names files that aren't there: {Excerpt.List(missing, Excerpt.Text)}; get them again.");
    }

    /// <summary>The shards that an index names, whether they are there or not.</summary>
    /// <exception cref="PatchKernelException">The index breaks the format's rules.</exception>
    public static IReadOnlyList<string> ShardsOf(string indexPath) => ShardsOf(JsonFile.Read(indexPath, json => ReadIndex(json, indexPath)));

    public SourceTensor? Find(string key) =>
        (index is null ? FileNames.Weights : index.GetValueOrDefault(key)) is { } shard ? tensors.GetValueOrDefault((key, shard)) : null;

    public (string Label, string Place) Describe(string key) =>
        (key, index?.GetValueOrDefault(key) is { } shard ? $" (the index places it in {Excerpt.Text(shard)})" : "");

    public Tensor Read(string key, (long From, long Count)? rows, ScalarType dtype, Device device)
    {
        var file = shards[Find(key)!.Place];
        return rows is { } some ? file.ReadRows(key, some.From, some.Count, dtype, device) : file.Read(key, dtype, device);
    }

    public long BytesRead(string key) => shards[Find(key)!.Place].BytesRead(key);

    /// <summary>Closes every file.</summary>
    public void Dispose()
    {
        foreach (var shard in shards.Values) shard.Dispose();
    }

    private static SourceTensor Entry(StoredTensor stored, string shard) =>
        new(stored.Name, stored.Name, stored.Shape, stored.Dtype.Name, stored.Dtype.IsWeight ? stored.Dtype.Scalar : null, stored.Bytes, shard);

    private static CheckpointFiles Open(string folder, IReadOnlyList<string> names, IReadOnlyDictionary<string, string>? index)
    {
        var shards = new Dictionary<string, SafetensorsFile>();
        try
        {
            foreach (var name in names) shards.Add(name, SafetensorsFile.Open(Path.Combine(folder, name)));
            return new CheckpointFiles(shards, index);
        }
        catch
        {
            foreach (var shard in shards.Values) shard.Dispose();
            throw;
        }
    }

    private static List<string> ShardsOf(Dictionary<string, string> index) => [.. index.Values.Distinct().Order(StringComparer.Ordinal)];

    private static Dictionary<string, string> ReadIndex(JsonElement json, string path)
    {
        if (!json.TryGetProperty("weight_map", out var map) || map.ValueKind != JsonValueKind.Object)
            throw new PatchKernelException($"'{path}' has no weight_map object, which says what tensor lies in what file.");
        var index = new Dictionary<string, string>();
        foreach (var entry in map.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.String || entry.Value.GetString() is not { } shard || !IsPlainName(shard))
                throw new PatchKernelException(
                    $"'{path}' places the tensor '{Excerpt.Text(entry.Name)}' in {Excerpt.Text(entry.Value.GetRawText())}, "
                    + "which isn't the name of a .safetensors file in the same folder.");
            index.Add(entry.Name, shard);
        }
        return index;
    }

    /// <summary>Whether a name stays in its folder: an index comes from elsewhere.</summary>
    private static bool IsPlainName(string name) =>
        name.EndsWith(".safetensors", StringComparison.Ordinal) && !name.Any(c => c is '/' or '\\' or ':' || char.IsControl(c)) && !IsDevice(name);

    /// <summary>Whether Windows takes a name for a device, in whatever folder and with whatever extension.</summary>
    private static bool IsDevice(string name) => name.Split('.')[0].TrimEnd().ToUpperInvariant() is "CON" or "PRN" or "AUX" or "NUL"
        or ['C', 'O', 'M', '0' or '1' or '2' or '3' or '4' or '5' or '6' or '7' or '8' or '9' or '¹' or '²' or '³']
        or ['L', 'P', 'T', '0' or '1' or '2' or '3' or '4' or '5' or '6' or '7' or '8' or '9' or '¹' or '²' or '³'];
}
