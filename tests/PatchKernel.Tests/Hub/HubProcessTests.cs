using System.Diagnostics;
using PatchKernel.Text;

namespace PatchKernel.Tests.Hub;

/// <summary>The command as a process of its own: the environment, two at once, killed in the middle, no room.</summary>
public sealed class HubProcessTests : IDisposable
{
    private const string Shard = "model-00001-of-00004.safetensors";

    // A machine may be busy; a process that hangs still fails the test.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder folder = new();
    private readonly HubStandIn hub = new();
    private readonly CacheView cache;

    public HubProcessTests() => cache = new(folder.File("hub"));

    public void Dispose()
    {
        hub.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task The_command_takes_a_name_and_the_environment()
    {
        var (exitCode, output, error) = await End(Start());
        Assert.Equal((0, true), (exitCode, output.StartsWith("prompt ", StringComparison.Ordinal)));
        var total = hub.Files.Where(file => cache.Visible.Contains(file.Key)).Sum(file => file.Value.LongLength);
        Assert.Equal($"downloading {HubStandIn.Repository} into the Hugging Face cache", error.Split('\n')[0]);
        Assert.Contains($"{ByteCount.Text(total)} of {ByteCount.Text(total)}", error, StringComparison.Ordinal);
        Assert.All(hub.Requests.Where(request => request.Host == "hub"), request => Assert.Equal("Bearer hf_secret", request.Authorization));
        cache.IsWhole(hub);

        hub.Requests.Clear();
        Assert.Equal((0, output, ""), await End(Start()));
        Assert.Equal((0, output, ""), await End(Start(("HF_HUB_OFFLINE", "1"))));
        Assert.Empty(hub.Requests);
    }

    [Theory, InlineData("model"), InlineData("model", "--plan")]
    public async Task What_needs_no_weights_fetches_none(params string[] command)
    {
        var (exitCode, output, _) = await End(Start(command));
        Assert.Equal((0, false), (exitCode, output.Length == 0));
        Assert.Equal(["config.json", "model.safetensors.index.json"], cache.Visible);
        Assert.DoesNotContain(hub.Requests, request => request.Target.Contains(".safetensors", StringComparison.Ordinal) && !request.Target.EndsWith(".json", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_is_never_printed()
    {
        hub.Instead = _ => StandInAnswer.Text(403, "no hf_secret here", ("X-Error-Code", "GatedRepo"), ("X-Error-Message", "hf_secret"));
        var (exitCode, output, error) = await End(Start(["model", "--verbose"]));
        Assert.Equal(1, exitCode);
        Assert.Contains("Access to", error, StringComparison.Ordinal);
        Assert.DoesNotContain("hf_secret", output + error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_processes_at_once_fetch_each_file_once()
    {
        // Nothing more is sent before both have begun.
        var both = new TaskCompletionSource();
        var begun = 0;
        hub.Change = (request, answer) =>
        {
            if (request.Target.Contains("/revision/", StringComparison.Ordinal) && Interlocked.Increment(ref begun) == 2) both.SetResult();
            return request.Host == "files" ? answer with { Cut = 2000, Hold = () => both.Task } : answer;
        };
        var ends = await Task.WhenAll(End(Start()), End(Start()));
        Assert.All(ends, end => Assert.Equal(0, end.ExitCode));
        cache.IsWhole(hub);
        Assert.All(hub.Requests.Where(request => request.Host == "files").GroupBy(request => request.Target), requests => Assert.Single(requests));
    }

    [Fact]
    public async Task After_a_kill_in_the_middle_only_the_rest_is_fetched()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs signals");
        const int Half = 20_000;
        var held = new TaskCompletionSource();
        hub.Change = (request, answer) => request.Target == $"/{Shard}" && request.From == 0
            ? answer with { Cut = Half, Hold = () => { held.TrySetResult(); return Task.Delay(Timeout.Infinite); } }
            : answer;
        var part = Path.Combine(cache.Blobs, $"{HubStandIn.Sha256(hub.Files[Shard])}.incomplete");
        using (var process = Start())
        {
            await held.Task.WaitAsync(Patience);
            using var patience = new CancellationTokenSource(Patience);
            while (new FileInfo(part) is not { Exists: true, Length: Half }) patience.Token.ThrowIfCancellationRequested();
            process.Kill(); // SIGKILL
            await process.WaitForExitAsync(patience.Token);
        }
        Assert.DoesNotContain(Shard, cache.Visible);
        cache.ShowsNothingWrong(hub);
        var whole = cache.Visible.ToHashSet();

        hub.Requests.Clear();
        Assert.Equal(0, (await End(Start())).ExitCode);
        cache.IsWhole(hub);
        Assert.Equal([Half], hub.Requests.Where(request => request.Target == $"/{Shard}").Select(request => (int)request.From));
        Assert.DoesNotContain(hub.Requests, request => whole.Contains(Path.GetFileName(request.Target)));
    }

    [Fact]
    public async Task A_disk_without_room_is_said_with_both_figures_before_the_weights_come()
    {
        using var disk = new SmallDisk(folder.File("hub"), "128k");
        var (exitCode, _, error) = await End(Start());
        Assert.Equal(1, exitCode);
        var needed = hub.Files.Where(file => file.Key.EndsWith(".safetensors", StringComparison.Ordinal)).Sum(file => file.Value.LongLength);
        Assert.Matches($"needs {ByteCount.Text(needed)} more in '.*', where [0-9.]+ kB are free", error);
        Assert.DoesNotContain(hub.Requests, request => request.Host == "files");
        cache.ShowsNothingWrong(hub);
        disk.Resize("4m");
        Assert.Equal(0, (await End(Start())).ExitCode);
        cache.IsWhole(hub);
    }

    [Fact]
    public async Task A_disk_that_fills_in_the_middle_is_said_with_both_figures()
    {
        using var disk = new SmallDisk(folder.File("hub"), "512k");
        hub.Change = (request, answer) => request.Target == $"/{Shard}" ? answer with { Cut = 2000, Hold = Fill } : answer;
        var (exitCode, _, error) = await End(Start());
        Assert.Equal(1, exitCode);
        Assert.Matches("needs [0-9.]+ kB more in '.*', where 0 B are free", error);
        cache.ShowsNothingWrong(hub);
        File.Delete(folder.File("hub/other"));
        hub.Change = null;
        Assert.Equal(0, (await End(Start())).ExitCode);
        cache.IsWhole(hub);

        Task Fill()
        {
            using var other = new FileStream(folder.File("hub/other"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            try
            {
                while (true) other.Write(new byte[4096]);
            }
            catch (IOException)
            {
                return Task.CompletedTask; // full
            }
        }
    }

    private Process Start(params (string Name, string Value)[] environment) => Start(["predict", "--ids", "1,2,3"], environment);

    private Process Start(string[] command, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet") { WorkingDirectory = folder.Path, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "PatchKernel.Cli.dll"), .. command, "--model", HubStandIn.Repository])
            start.ArgumentList.Add(argument);
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("HF_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        foreach (var (name, value) in environment.Append(("HF_HOME", folder.Path)).Append(("HF_ENDPOINT", hub.Endpoint)).Append(("HF_TOKEN", "hf_secret")))
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static async Task<(int ExitCode, string Output, string Error)> End(Process process)
    {
        using (process)
        {
            using var patience = new CancellationTokenSource(Patience);
            var (reading, failing) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
            var (output, error) = (await reading, await failing);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, output, error);
        }
    }
}
