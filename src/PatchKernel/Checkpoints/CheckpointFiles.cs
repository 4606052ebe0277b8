using System.Text.Json;

namespace PatchKernel;

/// <summary>The safetensors files of a checkpoint folder: one, or several with an index that says what lies where.</summary>
internal sealed class CheckpointFiles : IDisposable
{
    private const string SingleFile = "model.safetensors";
    private const string IndexFile = "model.safetensors.index.json";

    private readonly IReadOnlyDictionary<string, string>? index; // tensor to shard; null where there is one file

    private CheckpointFiles(IReadOnlyDictionary<string, SafetensorsFile> shards, IReadOnlyDictionary<string, string>? index)
    {
        Shards = shards;
        this.index = index;
    }

    /// <summary>The open files, by their names.</summary>
    public IReadOnlyDictionary<string, SafetensorsFile> Shards { get; }

    /// <summary>Opens the files of a folder and checks all their headers.</summary>
    /// <exception cref="PatchKernelException">Files are missing, or one breaks the format's rules.</exception>
    public static CheckpointFiles Open(string folder)
    {
        if (File.Exists(Path.Combine(folder, SingleFile))) return Open(folder, [SingleFile], index: null);
        var indexPath = Path.Combine(folder, IndexFile);
        if (!File.Exists(indexPath)) throw NoWeights(folder);

        var index = JsonFile.Read(indexPath, json => ReadIndex(json, indexPath));
        var shards = ShardsOf(index);
        var missing = shards.Where(shard => !File.Exists(Path.Combine(folder, shard))).ToList();
        return missing.Count == 0
            ? Open(folder, shards, index)
            : throw new PatchKernelException(
                $"'{indexPath}' names files that aren't there: {Excerpt.List([.. missing.Select(Excerpt.Text)])}; get them again.");
    }

    /// <summary>The shards that an index names, whether they are there or not.</summary>
    /// <exception cref="PatchKernelException">The index breaks the format's rules.</exception>
    public static IReadOnlyList<string> ShardsOf(string indexPath) => ShardsOf(JsonFile.Read(indexPath, json => ReadIndex(json, indexPath)));

    /// <summary>The shard that holds a tensor, or null where none does.</summary>
    public string? ShardOf(string tensor)
    {
        if (index is not null) return index.TryGetValue(tensor, out var shard) && Shards[shard].Tensors.ContainsKey(tensor) ? shard : null;
        return Shards[SingleFile].Tensors.ContainsKey(tensor) ? SingleFile : null;
    }

    /// <summary>The shard in which the index places a tensor, whether it is there or not.</summary>
    public string? PlaceOf(string tensor) => index?.GetValueOrDefault(tensor);

    /// <summary>Closes every file.</summary>
    public void Dispose()
    {
        foreach (var shard in Shards.Values) shard.Dispose();
    }

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

    /// <summary>An index comes from elsewhere: it must not lead out of its folder.</summary>
    private static bool IsPlainName(string name) =>
        name.EndsWith(".safetensors", StringComparison.Ordinal) && !name.Any(c => c is '/' or '\\' or ':' || char.IsControl(c));

    private static PatchKernelException NoWeights(string folder)
    {
        string[] others = ["*.bin", "*.pth", "*.pt"];
        var found = others.SelectMany(pattern => Directory.EnumerateFiles(folder, pattern)).Select(Path.GetFileName).Order().FirstOrDefault();
        return new PatchKernelException(found is null
            ? $"'{folder}' has no weights: neither {SingleFile} nor {IndexFile} is there."
            : $"'{folder}' has {found} but no {SingleFile}: save the model as safetensors, since a {Path.GetExtension(found)} can run code as it loads.");
    }
}
