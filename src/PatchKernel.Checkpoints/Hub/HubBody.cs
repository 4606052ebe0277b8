namespace PatchKernel.Hub;

/// <summary>An answer's body, read as it comes: a connection that brings next to nothing for too long counts as broken.</summary>
internal sealed class HubBody : IAsyncDisposable
{
    private const int LeastBytes = 1 << 14;

    private readonly HubClient client;
    private readonly Stream stream;
    private readonly TimeSpan patience;
    private readonly CancellationToken cancel;
    private readonly CancellationTokenSource waiting;
    private int came;

    private HubBody(HubClient client, Stream stream, TimeSpan patience, CancellationToken cancel)
    {
        (this.client, this.stream, this.patience, this.cancel) = (client, stream, patience, cancel);
        waiting = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        waiting.CancelAfter(patience);
    }

    /// <summary>Begins to read an answer's body.</summary>
    public static async Task<HubBody> Of(HubClient client, HttpResponseMessage response, TimeSpan patience, CancellationToken cancel) =>
        new(client, await client.Await(response.Content.ReadAsStreamAsync, cancel), patience, cancel);

    /// <summary>Reads some bytes; 0 at the end.</summary>
    /// <exception cref="HubUnreachableException">The connection broke, or brought too little.</exception>
    public async Task<int> Read(Memory<byte> buffer)
    {
        var count = await client.Guard(async () => await stream.ReadAsync(buffer, waiting.Token), cancel);
        came += count;
        if (came < LeastBytes) return count;
        came = 0;
        waiting.CancelAfter(patience);
        return count;
    }

    public async ValueTask DisposeAsync()
    {
        waiting.Dispose();
        await stream.DisposeAsync();
    }
}
