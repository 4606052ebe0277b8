using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace PatchKernel.Notebooks;

/// <summary>Serves a page to this machine alone, and tells whoever has it open what has changed (server-sent events).</summary>
/// <remarks>
/// Kestrel without a host around it, which would take the process's signals. It bounds lines, headers and waits, gives up on who doesn't read, and notices
/// that a page has left.
/// </remarks>
internal sealed class PageServer : IHttpApplication<HttpContext>, IDisposable
{
    private const int MostConnections = 100;

    // What is under way to a page is in memory as long as it is not read. A browser that was given up asks again.
    private static readonly MinDataRate Slowest = new(bytesPerSecond: 50_000, gracePeriod: TimeSpan.FromSeconds(10));

    private readonly ShownPage page = new();
    private readonly KestrelServer server;
    private int openPages;

    /// <summary>Starts at a port; at a free one where none is given.</summary>
    /// <param name="port">The port; null for any free one.</param>
    /// <param name="slowest">How slowly a client may read before it is given up.</param>
    /// <exception cref="PatchKernelException">The port is taken.</exception>
    public PageServer(int? port, MinDataRate? slowest = null)
    {
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.MaxConcurrentConnections = MostConnections;
        options.Limits.MaxRequestBodySize = 0;
        options.Limits.MinResponseDataRate = slowest ?? Slowest;
        options.Limits.KeepAliveTimeout = options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(30);
        options.Listen(IPAddress.Loopback, port ?? 0, listen => listen.Protocols = HttpProtocols.Http1);
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        server = new KestrelServer(Options.Create(options), transport, NullLoggerFactory.Instance);
        try
        {
            server.StartAsync(this, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            server.Dispose();
            var reason = e is IOException ? "the port is taken" : e.Message.TrimEnd('.');
            throw new PatchKernelException(FormattableString.Invariant($"Cannot serve the page at http://127.0.0.1:{port}/: {reason}; choose another --port."), e);
        }
        Address = server.Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/";
    }

    /// <summary>Where the page is.</summary>
    public string Address { get; }

    /// <summary>How many pages are listening.</summary>
    public int OpenPages => Volatile.Read(ref openPages);

    /// <summary>Shows cells; only those that differ from what is shown are sent.</summary>
    /// <param name="title">The page's title.</param>
    /// <param name="cells">Every cell's HTML.</param>
    /// <param name="plotly">plotly.js, if a chart has brought it along.</param>
    public void Show(string title, string[] cells, string? plotly) => page.Show(title, cells, plotly);

    public void Dispose()
    {
        // Open pages listen for ever: they are cut off, not waited for.
        server.StopAsync(new CancellationToken(canceled: true)).GetAwaiter().GetResult();
        server.Dispose();
    }

    HttpContext IHttpApplication<HttpContext>.CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    void IHttpApplication<HttpContext>.DisposeContext(HttpContext context, Exception? exception)
    {
    }

    async Task IHttpApplication<HttpContext>.ProcessRequestAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        // Another name for this machine is another site's, which would read the page by it.
        if (request.Host.Host is not ("127.0.0.1" or "localhost"))
        {
            response.StatusCode = StatusCodes.Status421MisdirectedRequest;
            return;
        }
        switch (request.Method, request.Path.Value)
        {
            case ("GET", "/"):
                await Write(response, "text/html", NotebookPage.Watched(page.Title));
                break;
            case ("GET", "/plotly.js"):
                await Write(response, "text/javascript", page.Library);
                break;
            case ("GET", "/events"):
                response.ContentType = "text/event-stream; charset=utf-8";
                await Follow(response, context.RequestAborted);
                break;
            default:
                response.StatusCode = StatusCodes.Status404NotFound;
                break;
        }
    }

    private static Task Write(HttpResponse response, string type, string text)
    {
        response.ContentType = $"{type}; charset=utf-8";
        return response.WriteAsync(text);
    }

    /// <summary>Sends what changes until the page has left.</summary>
    private async Task Follow(HttpResponse response, CancellationToken left)
    {
        Interlocked.Increment(ref openPages);
        try
        {
            await response.StartAsync(left);
            for (var seen = 0L; ;)
            {
                var (message, next) = page.Since(ref seen);
                if (message is not null) await response.WriteAsync($"data: {message}\n\n", left);
                await next.WaitAsync(left);
            }
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            Interlocked.Decrement(ref openPages);
        }
    }
}
