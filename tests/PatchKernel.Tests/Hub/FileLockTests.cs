using System.Diagnostics;
using PatchKernel.Hub;

namespace PatchKernel.Tests.Hub;

public sealed class FileLockTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_lock_has_one_holder_at_a_time()
    {
        var first = await FileLock.Take(folder.File("a.lock"), CancellationToken.None);
        var second = FileLock.Take(folder.File("a.lock"), CancellationToken.None);
        Assert.False(second.IsCompleted);
        first.Dispose();
        (await second).Dispose();
    }

    [Fact]
    public async Task Waiting_for_a_lock_can_be_stopped()
    {
        using var cancel = new CancellationTokenSource();
        using var first = await FileLock.Take(folder.File("a.lock"), CancellationToken.None);
        var second = FileLock.Take(folder.File("a.lock"), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
    }

    [Fact]
    public async Task It_is_the_lock_that_other_programs_take()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/flock"), "needs the command flock, which takes the lock that Python's filelock takes");
        var held = await FileLock.Take(folder.File("a.lock"), CancellationToken.None);
        Assert.Equal(1, await Flock());
        held.Dispose();
        Assert.Equal(0, await Flock());

        async Task<int> Flock()
        {
            using var process = Process.Start("/usr/bin/flock", ["-n", folder.File("a.lock"), "true"]);
            await process.WaitForExitAsync();
            return process.ExitCode;
        }
    }

    [Fact]
    public async Task A_folder_that_isnt_there_is_no_reason_to_wait() =>
        await Assert.ThrowsAsync<DirectoryNotFoundException>(() => FileLock.Take(folder.File("b/a.lock"), CancellationToken.None));
}
