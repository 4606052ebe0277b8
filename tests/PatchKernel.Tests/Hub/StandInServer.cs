using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PatchKernel.Tests.Hub;

/// <summary>A request that came, with what of it matters here, and the answer's status.</summary>
internal sealed record StandInRequest(string Host, string Method, string Target, IReadOnlyDictionary<string, string> Headers)
{
    public string? Authorization => Headers.GetValueOrDefault("authorization");

    /// <summary>The first byte that is asked for.</summary>
    public long From => Headers.GetValueOrDefault("range") is { } range
        ? long.Parse(range["bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture)
        : 0;
}

/// <summary>An answer; where <see cref="Cut"/> is less than the body, the connection ends there or, with a <see cref="Hold"/>, waits there for it.</summary>
internal sealed record StandInAnswer(int Status, byte[] Body, params (string Name, string Value)[] Headers)
{
    public int Cut { get; init; } = int.MaxValue;

    /// <summary>Called when the bytes before the cut are sent; the rest follows when its task ends.</summary>
    public Func<Task>? Hold { get; init; }

    /// <summary>Ends the connection at the cut without a goodbye.</summary>
    public bool Reset { get; init; }

    /// <summary>Sent again and again after the body, until the client goes away.</summary>
    public byte[]? Endless { get; init; }

    /// <summary>Sends what comes after the cut byte by byte, twenty a second.</summary>
    public bool Drip { get; init; }

    /// <summary>The length that is announced where it isn't the body's; none where the answer is endless.</summary>
    public long? Length { get; init; }

    /// <summary>Sent in place of status, headers and body.</summary>
    public byte[]? Raw { get; init; }

    public static StandInAnswer Text(int status, string body = "", params (string Name, string Value)[] headers) =>
        new(status, Encoding.UTF8.GetBytes(body), headers);
}

/// <summary>HTTP/1.1 over bare sockets, one request a connection: what is needed to cut answers anywhere.</summary>
internal sealed class StandInServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly string host;
    private readonly Func<StandInRequest, StandInAnswer> answer;
    private long sent;

    public StandInServer(string host, Func<StandInRequest, StandInAnswer> answer)
    {
        (this.host, this.answer) = (host, answer);
        listener.Start();
        Address = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        _ = Serve();
    }

    public string Address { get; }

    /// <summary>Bytes of endless answers that were sent so far.</summary>
    public long Sent => Interlocked.Read(ref sent);

    public void Dispose()
    {
        if (stop.IsCancellationRequested) return;
        stop.Cancel();
        listener.Stop();
    }

    private async Task Serve()
    {
        try
        {
            while (true) _ = Handle(await listener.AcceptSocketAsync(stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // the test is over
        }
    }

    private async Task Handle(Socket socket)
    {
        using (socket)
        {
            try
            {
                await using var stream = new NetworkStream(socket);
                var request = await Read(stream);
                if (request is null) return;
                await Write(socket, stream, request, answer(request));
                socket.Shutdown(SocketShutdown.Send);
                while (await stream.ReadAsync(new byte[1024], stop.Token) > 0) { } // until the client has it all
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // the client went away
            }
        }
    }

    private async Task<StandInRequest?> Read(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        if (await reader.ReadLineAsync(stop.Token) is not { } first) return null;
        var headers = new Dictionary<string, string>();
        while (await reader.ReadLineAsync(stop.Token) is { Length: > 0 } line)
        {
            var parts = line.Split(": ", 2);
            headers[parts[0].ToLowerInvariant()] = parts[1];
        }
        var words = first.Split(' ');
        return new(host, words[0], words[1], headers);
    }

    private async Task WriteEndless(NetworkStream stream, byte[] again)
    {
        var many = Enumerable.Repeat(again, (1 << 20) / again.Length).SelectMany(bytes => bytes).ToArray();
        while (true)
        {
            await stream.WriteAsync(many, stop.Token);
            Interlocked.Add(ref sent, many.Length);
        }
    }

    private async Task Write(Socket socket, NetworkStream stream, StandInRequest request, StandInAnswer given)
    {
        if (given.Raw is { } raw)
        {
            await stream.WriteAsync(raw, stop.Token);
            return;
        }
        var head = new StringBuilder($"HTTP/1.1 {given.Status} {(HttpStatusCode)given.Status}\r\n");
        foreach (var (name, value) in given.Headers) head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        if ((given.Length ?? (given.Endless is null ? given.Body.Length : null)) is { } length) head.Append(CultureInfo.InvariantCulture, $"Content-Length: {length}\r\n");
        head.Append("Connection: close\r\n\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.ToString()), stop.Token);
        if (request.Method == "HEAD") return;
        var cut = Math.Min(given.Cut, given.Body.Length);
        await stream.WriteAsync(given.Body.AsMemory(0, cut), stop.Token);
        if (given.Drip)
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            while (cut < given.Body.Length && await timer.WaitForNextTickAsync(stop.Token)) await stream.WriteAsync(given.Body.AsMemory(cut++, 1), stop.Token);
        }
        else if (given.Endless is { } again) await WriteEndless(stream, again);
        else if (given.Hold is { } hold)
        {
            await hold().WaitAsync(stop.Token);
            await stream.WriteAsync(given.Body.AsMemory(cut), stop.Token);
        }
        else if (cut < given.Body.Length && given.Reset) socket.Close(0);
    }
}
