using System.Net;
using Polly;

namespace PatchKernel.Hub;

/// <summary>Downloads one file into the cache: goes on where an earlier run ended, and names the blob only if its hash is right.</summary>
internal sealed class BlobDownload(HubClient client, HubCache cache, HubName name, string commit, ResiliencePipeline retry, TimeProvider clock)
{
    private const int BufferBytes = 1 << 17;

    // What tries have to bring for their count to begin anew: a hub that sends a byte each time isn't asked for ever.
    private const long MostEnough = 1 << 20;
    private const int EnoughPerFile = 100; // of a file as small as that, this part

    /// <summary>Brings a file into the snapshot.</summary>
    /// <exception cref="PatchKernelException">The hub can't be reached or refuses, or the bytes aren't those that it promised.</exception>
    public async Task Run(HubFile file, FileMeter meter, CancellationToken cancel)
    {
        using var held = await FileLock.Take(cache.Lock(file), cancel);
        var isNew = !cache.Has(file, commit) && !File.Exists(cache.Blob(file));
        if (isNew) await Fetch(file, meter, cancel);
        cache.Publish(file, commit, isNew);
        meter.IsAt(file.Size);
    }

    private async Task Fetch(HubFile file, FileMeter meter, CancellationToken cancel)
    {
        var hadPart = File.Exists(cache.Partial(file));
        var actual = await Receive(file, meter, cancel);
        // An earlier run's part may be damaged: then everything comes again, once.
        if (hadPart && actual != file.BlobName) actual = await Receive(file, meter, cancel);
        if (actual != file.BlobName)
            throw new PatchKernelException(
                $"The file '{file.Path}' of '{name}' came damaged and was dropped: its hash is {actual}, and the hub promised {file.BlobName}; run again, "
                + "and if it comes back, see what lies between this machine and the hub.");
        File.Move(cache.Partial(file), cache.Blob(file), overwrite: true);
    }

    /// <summary>Downloads a whole file and returns its hash; a file with the wrong hash is deleted.</summary>
    private async Task<string> Receive(HubFile file, FileMeter meter, CancellationToken cancel)
    {
        var path = cache.Partial(file);
        string actual;
        using (var partial = new PartialFile(path, file))
        {
            meter.IsAt(partial.Length);
            await ReceiveInto(partial, file, meter, cancel);
            actual = partial.Length == file.Size ? partial.BlobName() : $"that of {partial.Length} bytes or more instead of {file.Size}";
        }
        if (actual != file.BlobName) File.Delete(path);
        return actual;
    }

    private async Task ReceiveInto(PartialFile partial, HubFile file, FileMeter meter, CancellationToken cancel)
    {
        var enough = Math.Clamp(file.Size / EnoughPerFile, 1, MostEnough);
        for (var furthest = partial.Length; partial.Length < file.Size; furthest = Math.Max(furthest, partial.Length))
        {
            var broken = await retry.ExecuteAsync(async token =>
            {
                try
                {
                    await Continue(file, partial, meter, token);
                    return null;
                }
                catch (HubUnreachableException e) when (partial.Length - furthest >= enough)
                {
                    return e; // enough came: the count of tries begins anew
                }
            }, cancel);
            if (broken is not null) await Task.Delay(broken.Wait ?? HubRetry.FirstWait, clock, cancel);
        }
    }

    private async Task Continue(HubFile file, PartialFile partial, FileMeter meter, CancellationToken cancel)
    {
        using var response = await client.File(file, commit, partial.Length, cancel);
        var part = response.StatusCode == HttpStatusCode.PartialContent ? response.Content.Headers.ContentRange?.From : 0;
        if (part != partial.Length || !response.IsSuccessStatusCode)
        {
            partial.Restart();
            meter.IsAt(0);
            if (part != 0 || !response.IsSuccessStatusCode) throw Broken("the hub sent another part of it than it was asked for");
        }
        await using var body = await client.Body(response, cancel);
        var buffer = new byte[BufferBytes];
        while (partial.Length < file.Size)
        {
            var count = await body.Read(buffer);
            if (count == 0) throw Broken("the connection ended early");
            await partial.Append(buffer.AsMemory(0, count), cancel);
            meter.Came(count);
        }

        HubUnreachableException Broken(string why) => new($"The file '{file.Path}' of '{name}' didn't come whole: {why}; run again, what was downloaded is kept.");
    }
}
