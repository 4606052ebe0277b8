using PatchKernel.Files;
using PatchKernel.Safetensors;
using PatchKernel.Text;

namespace PatchKernel.Hub;

/// <summary>How much of a repository is needed.</summary>
internal enum HubNeed
{
    /// <summary>The config and the tokenizer.</summary>
    Settings,

    /// <summary>The weights too.</summary>
    Weights,
}

/// <summary>Which of a repository's files this library reads: never a pickle, nothing in sub-folders, no second copy of the weights.</summary>
internal static class NeededFiles
{
    private static readonly string[] SmallFiles =
    [
        FileNames.Config, FileNames.TokenizerJson, FileNames.TokenizerConfig, FileNames.SpecialTokens, FileNames.OtherTokens, FileNames.GenerationConfig, FileNames.ChatTemplate,
    ];

    /// <summary>The small files, which describe the model.</summary>
    public static IReadOnlyList<HubFile> Small(HubTree tree) => [.. SmallFiles
        .Append(tree.Files.ContainsKey(FileNames.Weights) ? FileNames.Weights : FileNames.WeightsIndex)
        .Where(name => name != FileNames.Weights)
        .Select(name => tree.Files.GetValueOrDefault(name))
        .OfType<HubFile>()];

    /// <summary>The files with weights: one, or those that the snapshot's index names.</summary>
    /// <exception cref="PatchKernelException">There are none, or the index names one that the hub doesn't have.</exception>
    public static IReadOnlyList<HubFile> Large(HubTree tree, string snapshot, HubName name)
    {
        if (tree.Files.TryGetValue(FileNames.Weights, out var single)) return [single];
        if (!tree.Files.ContainsKey(FileNames.WeightsIndex)) throw new PatchKernelException(NoWeights(tree, name));
        return [.. CheckpointFiles.ShardsOf(Path.Combine(snapshot, FileNames.WeightsIndex)).Select(shard => tree.Files.TryGetValue(shard, out var file)
            ? file
            : throw new PatchKernelException($"'{name}' is incomplete on the hub: its {FileNames.WeightsIndex} names '{Excerpt.Text(shard)}', which isn't there."))];
    }

    /// <summary>Whether a snapshot has everything.</summary>
    /// <param name="tree">The list of its files, or null where only parts were downloaded.</param>
    /// <param name="snapshot">The snapshot's folder.</param>
    /// <param name="absent">Whether a file is known not to be in the repository.</param>
    /// <param name="need">What has to be there.</param>
    public static bool AreAllIn(HubTree? tree, string snapshot, Func<string, bool> absent, HubNeed need)
    {
        bool Has(string name) => HubCache.IsThere(Path.Combine(snapshot, name));
        var small = tree is not null ? Small(tree).All(file => Has(file.Path)) : Has(FileNames.Config) && (Has(FileNames.TokenizerJson) || absent(FileNames.TokenizerJson));
        return small && (need == HubNeed.Settings || HasWeights(snapshot));
    }

    /// <summary>Whether a snapshot has enough to be opened.</summary>
    public static bool AreEnoughIn(string snapshot, HubNeed need) => need == HubNeed.Settings
        ? HubCache.IsThere(Path.Combine(snapshot, FileNames.TokenizerJson))
        : HubCache.IsThere(Path.Combine(snapshot, FileNames.Config)) && HasWeights(snapshot);

    /// <summary>Whether a folder has weights, all of those that an index names.</summary>
    public static bool HasWeights(string snapshot)
    {
        if (HubCache.IsThere(Path.Combine(snapshot, FileNames.Weights))) return true;
        var index = Path.Combine(snapshot, FileNames.WeightsIndex);
        return HubCache.IsThere(index) && CheckpointFiles.ShardsOf(index).All(shard => HubCache.IsThere(Path.Combine(snapshot, shard)));
    }

    private static string NoWeights(HubTree tree, HubName name)
    {
        string[] others = [".gguf", ".bin", ".pth", ".pt"];
        var found = others.SelectMany(end => tree.Files.Keys.Where(path => path.EndsWith(end, StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        return found.FirstOrDefault() is { } other
            ? $"'{name}' has no {FileNames.Weights} on the hub, only files such as '{Excerpt.Text(other)}': choose a repository that has safetensors."
            : $"'{name}' has no weights on the hub: neither {FileNames.Weights} nor {FileNames.WeightsIndex} is there.";
    }
}
