namespace PatchKernel;

/// <summary>Models by name: from Hugging Face's cache where they are there, else from the hub into that cache.</summary>
internal static class ModelHub
{
    /// <summary>The folder of a model's files; asks the hub for nothing where the cache has everything.</summary>
    /// <param name="name">The model.</param>
    /// <param name="need">Whether its weights are needed.</param>
    /// <param name="settings">Where the hub and the cache are.</param>
    /// <param name="progress">Told of bytes as they come, on several threads, one at a time; null for nobody.</param>
    /// <param name="cancel">Stops the download; what came is kept for the next time.</param>
    /// <exception cref="PatchKernelException">The model isn't there, or can't be fetched.</exception>
    public static string Find(
        HubName name, HubNeed need, HubSettings settings, IProgress<DownloadProgress>? progress = null, CancellationToken cancel = default)
    {
        var cache = new HubCache(settings, name);
        string? enough = null;
        if (cache.Commit is { } commit)
        {
            var snapshot = cache.Snapshot(commit);
            if (NeededFiles.AreAllIn(cache.ReadTree(commit), snapshot, file => cache.IsAbsent(file, commit), need)) return snapshot;
            if (NeededFiles.AreEnoughIn(snapshot, need)) enough = snapshot;
        }
        if (settings.Offline)
            return enough ?? throw new PatchKernelException(
                $"There is no folder '{name}', and the cache '{settings.CacheFolder}' doesn't have all of that model: unset HF_HUB_OFFLINE to download it.");
        try
        {
            // Away from a notebook's own context, which this thread blocks.
            return Task.Run(() => new SnapshotDownload(settings, name, cache, progress).Run(need, cancel), cancel).GetAwaiter().GetResult();
        }
        catch (HubUnreachableException) when (enough is not null)
        {
            return enough;
        }
    }
}
