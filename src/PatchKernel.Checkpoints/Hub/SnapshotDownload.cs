using PatchKernel.Files;

namespace PatchKernel.Hub;

/// <summary>Fetches what is needed of a repository's commit: the small files first, then the weights, several at once.</summary>
/// <param name="settings">Where the hub and the cache are.</param>
/// <param name="name">The repository.</param>
/// <param name="cache">Its cache.</param>
/// <param name="progress">Receives download progress; null for none.</param>
/// <param name="accept">Looks at config.json before the weights come, and throws where the model can't be run; null for nobody.</param>
internal sealed class SnapshotDownload(HubSettings settings, HubName name, HubCache cache, IProgress<DownloadProgress>? progress, Action<string>? accept)
{
    // As many as Python's tools fetch at once.
    private const int AtOnce = 8;

    private readonly DownloadMeter meter = new(name.ToString(), progress, settings.Clock);

    /// <summary>Downloads what is missing, and returns the snapshot's folder.</summary>
    /// <exception cref="HubUnreachableException">The hub can't be reached.</exception>
    /// <exception cref="PatchKernelException">The hub refuses, the model can't be run, or the cache can't be written.</exception>
    public async Task<string> Run(HubNeed need, CancellationToken cancel)
    {
        using var client = new HubClient(settings, name);
        var retry = HubRetry.Create(settings.Clock);
        var commit = name.IsCommit ? name.Revision : await retry.ExecuteAsync(async token => await client.Commit(token), cancel);
        var known = cache.ReadTree(commit);
        var tree = known ?? await retry.ExecuteAsync(async token => await client.Tree(commit, token), cancel);
        if (!tree.Files.ContainsKey(FileNames.Config))
            throw new PatchKernelException(tree.Files.ContainsKey(FileNames.Adapter)
                ? $"'{name}' is an adapter ({FileNames.Adapter}), not a model: merge it into the model that it names, and give the result."
                : $"'{name}' has no {FileNames.Config} on the hub: it isn't a model that can be opened here.");

        var (snapshot, blobs) = (cache.Snapshot(commit), new BlobDownload(client, cache, name, commit, retry, settings.Clock));
        await Write(NeededFiles.Small(tree), commit, async files =>
        {
            cache.Prepare(commit);
            if (known is null) cache.WriteTree(commit, tree);
            cache.WriteRef(commit);
            await Fetch(files, commit, blobs, cancel);
        });
        if (need == HubNeed.Settings) return snapshot;

        // What can't be run is refused before its gigabytes come.
        accept?.Invoke(Path.Combine(snapshot, FileNames.Config));
        await Write(NeededFiles.Large(tree, snapshot, name), commit, files => Fetch(files, commit, blobs, cancel));
        return snapshot;
    }

    private async Task Fetch(IReadOnlyList<HubFile> files, string commit, BlobDownload blobs, CancellationToken cancel)
    {
        DiskSpace.Check(Missing(files, commit), cache.Folder, name.ToString());
        var work = files.Select(file => (File: file, Meter: meter.Expect(file))).ToList();
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel };
        await Parallel.ForEachAsync(work, options, async (item, token) => await blobs.Run(item.File, item.Meter, token));
    }

    private async Task Write(IReadOnlyList<HubFile> files, string commit, Func<IReadOnlyList<HubFile>, Task> write)
    {
        try
        {
            await write(files);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiskSpace.Full(e, Missing(files, commit), cache.Folder, name.ToString()) ?? new PatchKernelException(
                $"The cache '{settings.CacheFolder}' can't be written: {FileFault.Reason(settings.CacheFolder, e)}; set HF_HUB_CACHE to another folder.", e);
        }
    }

    private long Missing(IReadOnlyList<HubFile> files, string commit) => files.Sum(file => cache.Missing(file, commit));
}
