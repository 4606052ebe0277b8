using System.Diagnostics;
using System.IO.Pipes;
using System.Net.Sockets;
using PatchKernel.Cli;
using PatchKernel.Cli.Commands;
using PatchKernel.Tests.Cli;

namespace PatchKernel.Tests.Notebooks;

/// <summary><c>patchkernel notebook</c> as a process: whatever ends it ends all of it, and a page that has left leaves nothing behind.</summary>
public sealed class NotebookProcessTests : IDisposable
{
    // Nothing but the process's end stops it.
    private const string Endless = "System.IO.File.WriteAllText(\"started\", \"\");\nwhile (true) ;";

    private const int HangUp = 1;
    private const int Interrupt = 2;
    private const int Quit = 3;
    private const int Kill = 9;
    private const int Terminate = 15;

    private readonly TemporaryFolder folder = new();
    private readonly CancellationTokenSource patience = new(TimeSpan.FromMinutes(1));

    [Fact]
    public async Task Three_hundred_visits_of_the_watched_page_leave_no_socket()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /proc");
        using var watch = Start("watch", Notebook.Write(folder, "a.dib", "1+1"));
        var port = await PortAsync(watch);
        var before = Sockets(watch);
        await VisitAsync(port, 300);
        await UntilAsync(() => Sockets(watch) <= before);
        watch.Kill(entireProcessTree: true);
    }

    [Theory]
    [InlineData(Interrupt)]
    [InlineData(Terminate)]
    [InlineData(HangUp)]
    [InlineData(Quit)]
    [InlineData(Kill)]
    public async Task Whatever_ends_the_command_leaves_nobody_serving(int signal)
    {
        ProcessTests.SkipUnlessSent(signal);
        using var watch = Start("watch", Notebook.Write(folder, "a.dib", "1+1"));
        var port = await PortAsync(watch);
        if (signal == Interrupt) await watch.StandardOutput.ReadLineAsync(patience.Token); // before its cell has run, Ctrl+C stops that alone
        // To the command alone, not to its group.
        Assert.Equal(0, ProcessTests.Kill(watch.Id, signal));
        await watch.WaitForExitAsync(patience.Token);
        Assert.Equal(signal == Kill ? 128 + Kill : 0, watch.ExitCode);
        using var client = new TcpClient();
        await Assert.ThrowsAsync<SocketException>(async () => await client.ConnectAsync("127.0.0.1", port, patience.Token));
    }

    [Theory]
    [InlineData(Interrupt)]
    [InlineData(Terminate)]
    [InlineData(HangUp)]
    [InlineData(Quit)]
    public async Task A_signal_to_the_command_alone_stops_a_run_whatever_its_cell_does(int signal)
    {
        ProcessTests.SkipUnlessSent(signal);
        Directory.CreateDirectory(folder.File("out"));
        using var run = Start("run", Notebook.Write(folder, "a.dib", Endless), "--out", folder.File("out"));
        var error = run.StandardError.ReadToEndAsync(patience.Token);
        await UntilAsync(() => File.Exists(folder.File("started")));
        Assert.Equal(0, ProcessTests.Kill(run.Id, signal));
        await run.WaitForExitAsync(patience.Token);
        Assert.Equal((1, "error: stopped before the end; no file was left half-written."), (run.ExitCode, (await error).TrimEnd()));
        Assert.Empty(Directory.GetFileSystemEntries(folder.File("out")));
    }

    [Fact]
    public async Task Where_the_command_cannot_become_the_program_the_programs_end_comes_with_its_own()
    {
        // This process is the parent that Windows has; its end closes the pipe.
        var parent = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.Inheritable);
        (string, string)[] environment = [(ProcessEnd.ParentPipe, parent.GetClientHandleAsString())];
        using var run = RealKernel.Start(folder.Path, environment, "dotnet", NotebookCommand.Find()!, "run", Notebook.Write(folder, "a.dib", Endless), "--out", folder.Path);
        var error = run.StandardError.ReadToEndAsync(patience.Token);
        parent.DisposeLocalCopyOfClientHandle();
        await UntilAsync(() => File.Exists(folder.File("started")));
        await parent.DisposeAsync();
        await run.WaitForExitAsync(patience.Token);
        Assert.Equal((1, "error: stopped before the end; no file was left half-written."), (run.ExitCode, (await error).TrimEnd()));
    }

    [Fact]
    public void Where_the_command_cannot_become_the_program_it_hands_on_its_exit_code()
    {
        var path = Notebook.Write(folder, "a.dib", "1+1");
        Assert.Equal(0, NotebookCommand.RunBeside(NotebookCommand.Find()!, ["convert", path, folder.File("a.ipynb")]));
        Assert.True(File.Exists(folder.File("a.ipynb")));
        Assert.Equal(2, NotebookCommand.RunBeside(NotebookCommand.Find()!, ["walk"]));
    }

    public void Dispose()
    {
        patience.Dispose();
        folder.Dispose();
    }

    private Process Start(params string[] args) =>
        RealKernel.Start(folder.Path, [], ["dotnet", Path.Combine(AppContext.BaseDirectory, "PatchKernel.Cli.dll"), "notebook", .. args]);

    /// <summary>Waits for the line that says where the page is.</summary>
    private async Task<int> PortAsync(Process watch) =>
        new Uri((await watch.StandardOutput.ReadLineAsync(patience.Token))!.Split(' ')[0]).Port;

    private async Task VisitAsync(int port, int times)
    {
        for (var visit = 0; visit < times; visit++)
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port, patience.Token);
            await client.GetStream().WriteAsync("GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"u8.ToArray(), patience.Token);
            Assert.NotEqual(0, await client.GetStream().ReadAsync(new byte[1000], patience.Token));
        }
    }

    private static int Sockets(Process process) =>
        Directory.GetFiles($"/proc/{process.Id}/fd").Select(file => new FileInfo(file).LinkTarget).Count(target => target?.StartsWith("socket:", StringComparison.Ordinal) == true);

    private async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
