extern alias runner;

using System.Text.Json.Nodes;
using System.Threading.Channels;
using runner::PatchKernel.Notebooks;

namespace PatchKernel.Tests.Notebooks;

/// <summary><c>patchkernel notebook watch</c>, seen as an open page sees it.</summary>
[Collection(nameof(WorkingDirectory))]
public sealed class WatchTests : IAsyncDisposable
{
    // A machine may be busy; a page that never comes still fails the test.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder folder = new();
    private readonly Channel<string> lines = Channel.CreateUnbounded<string>();
    private readonly CancellationTokenSource stop = new();
    private readonly CancellationTokenSource patience = new(Patience);
    private readonly HttpClient client = new();
    private readonly List<string> cells = [];
    private NotebookWatch? watch;
    private Task running = Task.CompletedTask;
    private StreamReader? events;

    [Fact]
    public async Task A_save_runs_again_from_the_first_changed_cell_and_the_page_redraws()
    {
        var path = Notebook.Write(folder, "a.dib", Notebook.Setup, Notebook.Load, "Console.Write($\"loaded {model.Config.NLayers}\");", "var scale = 0.5;",
            Notebook.Sweep);
        await StartAsync(path);
        await PageAsync(4, "patchkernelDraw(");
        var before = Figure(cells[4]);
        Assert.Equal("ran cells 1 to 5 in", (await LineAsync())[..19]);

        Save(path, "new SweepOptions()", "new SweepOptions { Metric = Metric.LogitDiff }");
        await PageAsync(4, "LogitDiff", "patchkernelDraw(", "class=\"code\"");
        Assert.NotEqual(before, Figure(cells[4]));
        Assert.Equal("ran cells 5 to 5 in", (await LineAsync())[..19]);
        // Once a page, by its own address.
        Assert.Contains("plotly.js v", await client.GetStringAsync($"{watch!.Address}plotly.js", patience.Token), StringComparison.Ordinal);
        Assert.DoesNotContain(cells, cell => cell.Contains("plotly.js v", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_of_text_runs_nothing()
    {
        var path = folder.File("a.dib");
        File.WriteAllText(path, "#!markdown\n\n# Before\n\n#!csharp\n\nConsole.Write(Guid.NewGuid());\n");
        await StartAsync(path);
        await PageAsync(1, "<pre class=\"plain\">", "class=\"code\"");
        var ran = cells[1];
        Save(path, "Before", "After");
        await PageAsync(0, "After");
        Assert.Equal(ran, cells[1]);
    }

    [Fact]
    public async Task A_file_that_a_cell_names_is_watched_too()
    {
        File.WriteAllText(folder.File("data.json"), "one");
        await StartAsync(Notebook.Write(folder, "a.dib", "var n = 1;", "Console.Write(System.IO.File.ReadAllText(\"data.json\"));"));
        await PageAsync(1, "<pre class=\"plain\">one</pre>");
        Assert.StartsWith("ran cells 1 to 2", await LineAsync(), StringComparison.Ordinal);
        File.WriteAllText(folder.File("data.json"), "other");
        await PageAsync(1, "<pre class=\"plain\">other</pre>");
        Assert.StartsWith("ran cells 2 to 2", await LineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cell_that_fails_is_run_again_when_it_is_mended_with_what_came_before_it_kept()
    {
        var path = Notebook.Write(folder, "a.dib", "var born = Guid.NewGuid();\nConsole.Write(born);", "Console.Write(bron);", "Console.Write(\"end\");");
        await StartAsync(path);
        await PageAsync(1, "<pre class=\"error\">line 1, column 15: CS0103");
        Assert.StartsWith("cell 2 of 3: line 1", await LineAsync(), StringComparison.Ordinal);
        Save(path, "bron", "born");
        await PageAsync(2, "<pre class=\"plain\">end</pre>");
        Assert.Equal(Printed(cells[0]), Printed(cells[1]));
        Assert.StartsWith("ran cells 2 to 3", await LineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_save_takes_the_place_of_a_running_cell_and_a_stop_ends_one()
    {
        const string Endless = "Console.Write(\"started\");\nawait Task.Delay(-1, Microsoft.DotNet.Interactive.KernelInvocationContext.Current.CancellationToken);";
        var path = Notebook.Write(folder, "a.dib", Endless);
        await StartAsync(path);
        await PageAsync(0, "class=\"code running\"");
        Save(path, "started", "started again");
        await PageAsync(0, "started again", "class=\"code running\"");
        Assert.True(watch!.StopCell());
        await PageAsync(0, "The cell was stopped before its end.");
        Assert.Equal("cell 1 of 1: The cell was stopped before its end.", await LineAsync());
        Notebook.Write(folder, "a.dib", "Console.Write(\"next\");");
        await PageAsync(0, "<pre class=\"plain\">next</pre>");
    }

    [Fact]
    public async Task The_page_is_for_this_machine_alone_and_asks_nobody_else()
    {
        await StartAsync(Notebook.Write(folder, "a.dib", "1"));
        var page = await client.GetStringAsync(watch!.Address, patience.Token);
        Assert.StartsWith("http://127.0.0.1:", watch.Address, StringComparison.Ordinal);
        Assert.Contains("connect-src 'self'", page, StringComparison.Ordinal);
        Assert.DoesNotContain("https:", page, StringComparison.Ordinal);
        Assert.Equal(404, (int)(await client.GetAsync($"{watch.Address}a.dib", patience.Token)).StatusCode);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        watch?.Dispose();
        events?.Dispose();
        client.Dispose();
        stop.Dispose();
        patience.Dispose();
        folder.Dispose();
    }

    private async Task StartAsync(string path)
    {
        watch = new(path, [], port: null, line => lines.Writer.TryWrite(line));
        running = Task.Run(() => watch.RunAsync(stop.Token));
        events = new(await client.GetStreamAsync($"{watch.Address}events", patience.Token));
    }

    /// <summary>Takes what the server sends until a cell shows all these texts.</summary>
    private async Task PageAsync(int cell, params string[] texts)
    {
        while (cells.Count <= cell || !texts.All(text => cells[cell].Contains(text, StringComparison.Ordinal)))
        {
            if (await events!.ReadLineAsync(patience.Token) is not { } line || !line.StartsWith("data: ", StringComparison.Ordinal)) continue;
            var message = JsonNode.Parse(line["data: ".Length..])!;
            while (cells.Count < (int)message["count"]!) cells.Add("");
            foreach (var (index, html) in message["cells"]!.AsObject()) cells[int.Parse(index, System.Globalization.CultureInfo.InvariantCulture)] = (string)html!;
        }
    }

    private async Task<string> LineAsync() => await lines.Reader.ReadAsync(patience.Token);

    private static void Save(string path, string before, string after)
    {
        var text = File.ReadAllText(path);
        Assert.Contains(before, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(before, after, StringComparison.Ordinal));
    }

    private static string Figure(string html) => html[html.IndexOf("var figure=", StringComparison.Ordinal)..html.IndexOf("patchkernelDraw(\"", StringComparison.Ordinal)];

    private static string Printed(string html) => html[html.IndexOf("<pre class=\"plain\">", StringComparison.Ordinal)..];
}
