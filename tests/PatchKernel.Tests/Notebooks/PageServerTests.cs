extern alias runner;

using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using runner::PatchKernel.Notebooks;

namespace PatchKernel.Tests.Notebooks;

/// <summary>The watched page's server and clients that misbehave: each is bounded, and the page goes on for the others.</summary>
public sealed class PageServerTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource patience = new(Patience);
    private readonly PageServer server = new(port: null, new MinDataRate(bytesPerSecond: 100_000_000, gracePeriod: TimeSpan.FromSeconds(2)));
    private readonly HttpClient client = new();
    private readonly List<Socket> sockets = [];

    private int Port => new Uri(server.Address).Port;

    [Fact]
    public async Task A_page_gets_what_is_shown_and_then_each_change_alone()
    {
        server.Show("a", ["<p>0</p>", "<p>1</p>"], plotly: null);
        using var events = await FollowAsync();
        Assert.Equal("""{"title":"a","count":2,"plotly":false,"cells":["0","1"]}""", Keys(await MessageAsync(events)));
        server.Show("a", ["<p>0</p>", "<p>2</p>"], plotly: "library");
        Assert.Equal("""{"title":"a","count":2,"plotly":true,"cells":["1"]}""", Keys(await MessageAsync(events)));
        server.Show("a", ["<p>0</p>", "<p>2</p>"], plotly: null);
        server.Show("b", ["<p>0</p>"], plotly: null);
        Assert.Equal("""{"title":"b","count":1,"plotly":true,"cells":[]}""", Keys(await MessageAsync(events)));
    }

    [Fact]
    public async Task A_page_that_has_left_is_let_go()
    {
        server.Show("a", ["<p>0</p>"], plotly: null);
        for (var visit = 0; visit < 20; visit++)
        {
            var socket = await RequestAsync("GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
            await UntilAsync(() => server.OpenPages == 1);
            socket.Close();
            await UntilAsync(() => server.OpenPages == 0);
        }
    }

    [Fact]
    public async Task A_page_that_will_send_nothing_more_is_let_go()
    {
        var socket = await RequestAsync("GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        await UntilAsync(() => server.OpenPages == 1);
        socket.Shutdown(SocketShutdown.Send);
        await UntilAsync(() => server.OpenPages == 0);
        _ = await AnswerAsync(socket); // to the end of the connection
    }

    [Fact]
    public async Task A_page_that_never_reads_is_given_up_and_holds_up_no_other()
    {
        // More than the system keeps for a connection: it begins to read, and then no more.
        server.Show("a", [new string('x', 20_000_000)], plotly: null);
        var socket = await RequestAsync("GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", receive: 4096);
        var begin = new byte[4096];
        while (!Encoding.ASCII.GetString(begin).Contains("xxx", StringComparison.Ordinal)) await socket.ReceiveAsync(begin, patience.Token);
        server.Show("a", ["small"], plotly: null);
        using (var events = await FollowAsync()) Assert.Equal("small", (string?)JsonNode.Parse(await MessageAsync(events))!["cells"]!["0"]);
        await UntilAsync(() => server.OpenPages == 0);
    }

    [Theory]
    [InlineData("G")]
    [InlineData("GET /")]
    [InlineData("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ")]
    public async Task A_line_without_end_is_answered_and_closed(string begin)
    {
        var socket = await RequestAsync(begin);
        // More than any limit, and no line's end: the server must end it, or this never does.
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            for (var block = Encoding.ASCII.GetBytes(new string('x', 4096)); ;) await socket.SendAsync(block, patience.Token);
        });
        Assert.False(patience.IsCancellationRequested);
        await UntilAsync(() => socket.Poll(0, SelectMode.SelectRead));
    }

    [Theory]
    [InlineData("NONSENSE\r\n\r\n", "400")]
    [InlineData("BREW / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", "404")]
    [InlineData("POST /events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "404")]
    [InlineData("GET /../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", "404")]
    [InlineData("GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: close\r\n\r\n", "421")]
    [InlineData("GET /events HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: close\r\n\r\n", "421")]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost:1\r\nConnection: close\r\n\r\n", "200")]
    public async Task A_request_for_anything_else_is_answered_by_its_status(string request, string status)
    {
        var socket = await RequestAsync(request);
        Assert.StartsWith($"HTTP/1.1 {status} ", await AnswerAsync(socket), StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_that_is_taken_is_one_sentence()
    {
        var failure = Assert.ThrowsAny<Exception>(() => new PageServer(Port));
        Assert.Equal($"Cannot serve the page at http://127.0.0.1:{Port}/: the port is taken; choose another --port.", failure.Message);
    }

    public void Dispose()
    {
        server.Dispose();
        foreach (var socket in sockets) socket.Dispose();
        client.Dispose();
        patience.Dispose();
    }

    private async Task<StreamReader> FollowAsync()
    {
        return new(await client.GetStreamAsync($"{server.Address}events", patience.Token));
    }

    private async Task<string> MessageAsync(StreamReader events)
    {
        while (await events.ReadLineAsync(patience.Token) is { } line)
            if (line.StartsWith("data: ", StringComparison.Ordinal)) return line["data: ".Length..];
        throw new InvalidOperationException("The server has ended.");
    }

    private async Task<Socket> RequestAsync(string text, int? receive = null)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        sockets.Add(socket);
        if (receive is { } size) socket.ReceiveBufferSize = size;
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Port), patience.Token);
        await socket.SendAsync(Encoding.ASCII.GetBytes(text), patience.Token);
        return socket;
    }

    private async Task<string> AnswerAsync(Socket socket)
    {
        var (answer, buffer) = (new StringBuilder(), new byte[4096]);
        while (await socket.ReceiveAsync(buffer, patience.Token) is > 0 and var count) answer.Append(Encoding.UTF8.GetString(buffer, 0, count));
        return $"{answer}";
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static string Keys(string message)
    {
        var node = JsonNode.Parse(message)!;
        node["cells"] = new JsonArray([.. node["cells"]!.AsObject().Select(cell => JsonValue.Create(cell.Key))]);
        return node.ToJsonString();
    }
}
