using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace PatchKernel.Notebooks;

/// <summary>Serves a page to this machine alone, and tells whoever has it open what has changed (server-sent events).</summary>
internal sealed class PageServer : IDisposable
{
    private readonly HttpListener listener;
    private readonly Lock gate = new();
    private readonly List<Listener> listeners = [];
    private string[] cells = [];
    private string title = "";
    private string? library;

    /// <summary>Starts at a port; at a free one where none is given.</summary>
    /// <exception cref="PatchKernelException">The port is taken.</exception>
    public PageServer(int? port)
    {
        (listener, Address) = Start(port);
        _ = Task.Run(ServeAsync);
    }

    /// <summary>Where the page is.</summary>
    public string Address { get; }

    /// <summary>Shows cells; only those that differ from what is shown are sent.</summary>
    /// <param name="newTitle">The page's title.</param>
    /// <param name="newCells">Every cell's HTML.</param>
    /// <param name="plotly">plotly.js, if a chart has brought it along.</param>
    public void Show(string newTitle, string[] newCells, string? plotly)
    {
        lock (gate)
        {
            var changed = Enumerable.Range(0, newCells.Length).Where(i => i >= cells.Length || cells[i] != newCells[i]).ToArray();
            var same = changed.Length == 0 && newCells.Length == cells.Length && newTitle == title;
            (title, cells, library) = (newTitle, newCells, library ?? plotly);
            if (same) return;
            var message = Message(changed);
            foreach (var one in listeners) one.Send(message);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            foreach (var one in listeners) one.Dispose();
            listeners.Clear();
        }
        listener.Close();
    }

    private static (HttpListener, string) Start(int? wanted)
    {
        // A free port may be taken between being found and being used.
        for (var trial = 1; ; trial++)
        {
            var address = $"http://127.0.0.1:{(wanted ?? FreePort()).ToString(CultureInfo.InvariantCulture)}/";
            var listener = new HttpListener { Prefixes = { address } };
            try
            {
                listener.Start();
                return (listener, address);
            }
            catch (HttpListenerException e) when (wanted is not null || trial == 5)
            {
                throw new PatchKernelException($"Cannot serve the page at {address}: {e.Message.TrimEnd('.')}; choose another --port.", e);
            }
            catch (HttpListenerException)
            {
                listener.Close();
            }
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private async Task ServeAsync()
    {
        while (listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            try
            {
                Answer(context);
            }
            catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException or InvalidOperationException)
            {
                // Whoever asked has gone.
            }
        }
    }

    private void Answer(HttpListenerContext context)
    {
        var response = context.Response;
        response.Headers["Cache-Control"] = "no-store";
        response.Headers["X-Content-Type-Options"] = "nosniff";
        switch (context.Request.HttpMethod, context.Request.Url?.AbsolutePath)
        {
            case ("GET", "/"):
                lock (gate) Write(response, "text/html; charset=utf-8", NotebookPage.Watched(title));
                break;
            case ("GET", "/plotly.js"):
                Write(response, "text/javascript; charset=utf-8", library ?? "");
                break;
            case ("GET", "/events"):
                response.ContentType = "text/event-stream; charset=utf-8";
                response.SendChunked = true;
                Listen(new Listener(response));
                break;
            default:
                response.StatusCode = 404;
                response.Close();
                break;
        }
    }

    private void Listen(Listener one)
    {
        lock (gate)
        {
            one.Send(Message(Enumerable.Range(0, cells.Length)));
            listeners.RemoveAll(other => other.IsGone);
            listeners.Add(one);
        }
    }

    private string Message(IEnumerable<int> changed) => JsonSerializer.Serialize(new
    {
        title,
        count = cells.Length,
        plotly = library is not null,
        cells = changed.ToDictionary(i => i.ToString(CultureInfo.InvariantCulture), i => cells[i]),
    });

    private static void Write(HttpListenerResponse response, string type, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        response.ContentType = type;
        response.ContentLength64 = bytes.Length;
        response.Close(bytes, willBlock: false);
    }
}
