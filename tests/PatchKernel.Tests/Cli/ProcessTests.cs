using System.Diagnostics;
using System.Runtime.InteropServices;

namespace PatchKernel.Tests.Cli;

/// <summary>The command as a process of its own: exit codes, streams and signals.</summary>
[Collection(nameof(Alone))]
public sealed partial class ProcessTests
{
    private const int HangUp = 1;
    private const int Interrupt = 2;
    private const int Quit = 3;
    private const int Terminate = 15;

    // A machine may be busy; a process that hangs still fails the test.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(0, "model", "--model", "TINY")]
    [InlineData(1, "model", "--model", "nowhere")]
    [InlineData(2, "model", "--nope")]
    public async Task The_exit_code_says_how_it_went(int expected, params string[] args)
    {
        using var process = Start(Path.GetTempPath(), [.. args.Select(arg => arg == "TINY" ? CliRun.Tiny : arg)]);
        var (output, error) = await End(process);
        Assert.Equal(expected, process.ExitCode);
        Assert.Equal(expected == 0, output.StartsWith("LlamaForCausalLM(", StringComparison.Ordinal));
        Assert.Equal(expected == 0 ? 0 : 1, error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Theory]
    [InlineData(Interrupt)]
    [InlineData(Terminate)]
    [InlineData(HangUp)]
    [InlineData(Quit)]
    public async Task A_signal_in_the_middle_of_a_sweep_stops_it_and_leaves_no_file(int signal)
    {
        SkipUnlessSent(signal);
        using var folder = new TemporaryFolder();
        // Thousands of cells of half a thousand tokens: minutes of work.
        var ids = Enumerable.Range(0, 500).Select(i => i % 200).ToArray();
        using var process = Start(folder.Path, "sweep", "--model", CliRun.Tiny, "--threads", "1", "--json", "a.json",
            "--clean-ids", string.Join(',', ids), "--corrupt-ids", string.Join(',', [7, .. ids[1..]]), "--target-ids", "157,3");
        using var patience = new CancellationTokenSource(Patience);
        var error = process.StandardError.ReadToEndAsync(patience.Token);
        while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line && !line.StartsWith("gap", StringComparison.Ordinal)) { }

        Assert.Equal(0, Kill(process.Id, signal));
        await process.WaitForExitAsync(patience.Token);
        Assert.Equal("error: stopped before the end; no file was left half-written.", (await error).Split('\n')[^2]);
        Assert.Equal(1, process.ExitCode);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task A_model_larger_than_the_memory_is_split_and_answers_the_same()
    {
        string[] command = ["predict", "--model", TestData.SmolLM2(), "--text", "The capital of France is", "--device", "auto"];
        using var whole = Start(Path.GetTempPath(), command);
        var (expected, all) = await End(whole);
        Assert.DoesNotContain("disk", all, StringComparison.Ordinal);
        // .NET's limit on the memory that it counts with; the model has 538 MB.
        using var limited = Start(Path.GetTempPath(), start => start.Environment["DOTNET_GCHeapHardLimit"] = "0x26000000", command);
        var (output, map) = await End(limited);
        Assert.Matches(@"model\.layers\.0-\d+ +[0-9.]+ MB  cpu\n", map);
        Assert.Matches(@"model\.layers\.\d+-29 +[0-9.]+ MB  disk, computed on cpu\n", map);
        Assert.Equal((0, expected), (limited.ExitCode, output));
    }

    /// <summary>Runs a command line as a process, in a folder.</summary>
    internal static CliRun Run(string folder, params string[] args)
    {
        using var process = Start(folder, args);
        var (output, error) = End(process).GetAwaiter().GetResult();
        return new(process.ExitCode, output, error);
    }

    private static async Task<(string Output, string Error)> End(Process process)
    {
        using var patience = new CancellationTokenSource(Patience);
        var (reading, failing) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
        var ended = (await reading, await failing);
        await process.WaitForExitAsync(patience.Token);
        return ended;
    }

    private static Process Start(string folder, params string[] args) => Start(folder, _ => { }, args);

    private static Process Start(string folder, Action<ProcessStartInfo> change, params string[] args)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "PatchKernel.Cli.dll"));
        foreach (var arg in args) start.ArgumentList.Add(arg);
        change(start);
        return Process.Start(start)!;
    }

    /// <summary>Skips a test where a signal doesn't reach the programs that it starts: nohup has them ignore a hangup, a shell's background Ctrl+C.</summary>
    internal static void SkipUnlessSent(int signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs signals");
        if (!OperatingSystem.IsLinux()) return;
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal));
        var isIgnored = (Convert.ToUInt64(line["SigIgn:".Length..].Trim(), 16) & (1UL << (signal - 1))) != 0;
        Assert.SkipWhen(isIgnored, $"needs to be started without signal {signal} ignored");
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial int Kill(int process, int signal);
}
