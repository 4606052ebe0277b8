namespace PatchKernel.Hub;

/// <summary>Finds models by name: in Hugging Face's cache, or on the hub, from which they are downloaded into that cache.</summary>
internal static class ModelHub
{
    /// <summary>The folder of a model's files; doesn't ask the hub if the cache has everything.</summary>
    /// <param name="name">The model.</param>
    /// <param name="need">Whether its weights are needed.</param>
    /// <param name="settings">Where the hub and the cache are.</param>
    /// <param name="progress">Receives download progress, from several threads, one at a time; null for none.</param>
    /// <param name="cancel">Stops the download; what came is kept for the next time.</param>
    /// <param name="accept">Looks at config.json before the weights come, and throws where the model can't be run; null for nobody.</param>
    /// <exception cref="PatchKernelException">The model isn't there, or can't be fetched.</exception>
    public static string Find(
        HubName name, HubNeed need, HubSettings settings, IProgress<DownloadProgress>? progress = null, Action<string>? accept = null, CancellationToken cancel = default)
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
            return Task.Run(() => new SnapshotDownload(settings, name, cache, progress, accept).Run(need, cancel), cancel).GetAwaiter().GetResult();
        }
        catch (HubUnreachableException) when (enough is not null)
        {
            return enough;
        }
    }
}
