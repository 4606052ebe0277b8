namespace PatchKernel.Tests;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_file_is_written_and_nothing_lies_beside_it()
    {
        AtomicFile.Write(folder.File("a.txt"), "Ġ\n");
        Assert.Equal([0xc4, 0xa0, 0x0a], File.ReadAllBytes(folder.File("a.txt")));
        Assert.Equal(["a.txt"], Names());
    }

    [Fact]
    public void An_older_file_is_replaced()
    {
        File.WriteAllText(folder.File("a.txt"), "a longer text than the new one");
        AtomicFile.Write(folder.File("a.txt"), "new");
        Assert.Equal("new", File.ReadAllText(folder.File("a.txt")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_writer_that_stops_half_way_leaves_what_was_there(bool existed)
    {
        if (existed) File.WriteAllText(folder.File("a.txt"), "old");
        Assert.Throws<OperationCanceledException>(() => AtomicFile.Write(folder.File("a.txt"), stream =>
        {
            stream.Write("half"u8);
            throw new OperationCanceledException();
        }));
        Assert.Equal(existed ? ["a.txt"] : [], Names());
        if (existed) Assert.Equal("old", File.ReadAllText(folder.File("a.txt")));
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        var path = Path.Combine(folder.Path, "none", "a.txt");
        var error = Assert.Throws<PatchKernelException>(() => AtomicFile.Write(path, "text"));
        Assert.Equal($"Cannot write '{path}': the folder '{Path.Combine(folder.Path, "none")}' does not exist.", error.Message);
    }

    [Fact]
    public void A_folder_is_not_written_over()
    {
        var error = Assert.Throws<PatchKernelException>(() => AtomicFile.Write(folder.Path, "text"));
        Assert.Equal($"Cannot write '{folder.Path}': it is a folder; name a file in it.", error.Message);
        Assert.Empty(Names());
    }

    [Fact]
    public void A_path_through_a_file_is_one_sentence()
    {
        File.WriteAllText(folder.File("a.txt"), "old");
        var path = Path.Combine(folder.File("a.txt"), "b.txt");
        var error = Assert.Throws<PatchKernelException>(() => AtomicFile.Write(path, "text"));
        Assert.StartsWith($"Cannot write '{path}': ", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void An_empty_path_is_refused(string path) =>
        Assert.Equal("There is no file to write to: the path is empty.", Assert.Throws<PatchKernelException>(() => AtomicFile.Write(path, "text")).Message);

    [Fact]
    public void A_device_is_written_to_and_stays_a_device()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no /dev/null");
        AtomicFile.Write("/dev/null", "text");
        Assert.Equal(0, new FileInfo("/dev/null").Length);
    }

    [Fact]
    public void A_link_is_followed_and_stays()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows lets few users make links");
        Directory.CreateDirectory(folder.File("far/deep"));
        Directory.CreateSymbolicLink(folder.File("near"), "far/deep");
        File.WriteAllText(folder.File("far/a.txt"), "old");
        File.CreateSymbolicLink(folder.File("far/deep/b.txt"), "../a.txt"); // from where it lies, not from where it is reached
        File.CreateSymbolicLink(folder.File("c.txt"), folder.File("near/b.txt"));
        AtomicFile.Probe(folder.File("c.txt"));
        AtomicFile.Write(folder.File("c.txt"), "new");
        Assert.Equal("new", File.ReadAllText(folder.File("far/a.txt")));
        Assert.Null(new FileInfo(folder.File("far/a.txt")).LinkTarget);
        foreach (var link in new[] { "c.txt", "far/deep/b.txt" }) Assert.NotNull(new FileInfo(folder.File(link)).LinkTarget);
        Assert.Equal(folder.File("far/a.txt"), AtomicFile.PlaceOf(folder.File("near/../deep/.././a.txt")));
        Assert.Equal(["a.txt", "deep"], Directory.GetFileSystemEntries(folder.File("far")).Select(path => Path.GetFileName(path)).Order());
    }

    [Fact]
    public void A_link_to_what_isnt_there_yet_makes_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows lets few users make links");
        File.CreateSymbolicLink(folder.File("a.txt"), "b.txt");
        AtomicFile.Write(folder.File("a.txt"), "new");
        Assert.Equal("new", File.ReadAllText(folder.File("b.txt")));
        File.CreateSymbolicLink(folder.File("c.txt"), "none/d.txt");
        Assert.Contains("does not exist", Assert.Throws<PatchKernelException>(() => AtomicFile.Probe(folder.File("c.txt"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Links_in_a_circle_are_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows lets few users make links");
        File.CreateSymbolicLink(folder.File("a.txt"), "b.txt");
        File.CreateSymbolicLink(folder.File("b.txt"), "a.txt");
        var error = Assert.Throws<PatchKernelException>(() => AtomicFile.Write(folder.File("a.txt"), "text"));
        Assert.Equal($"Cannot write '{folder.File("a.txt")}': its links lead in a circle.", error.Message);
    }

    [Fact]
    public async Task A_pipe_is_written_to_and_stays_a_pipe()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a pipe with a name");
        var pipe = folder.File("pipe");
        using var made = System.Diagnostics.Process.Start("mkfifo", pipe)!;
        await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        AtomicFile.Probe(pipe); // waits for nobody
        using var reader = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("cat", [pipe]) { RedirectStandardOutput = true })!;
        AtomicFile.Write(pipe, "through the pipe");
        Assert.Equal("through the pipe", await reader.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["pipe"], Names());
        AtomicFile.Probe(pipe);
        Assert.Equal(pipe, AtomicFile.PlaceOf(pipe));
    }

    [Fact]
    public void A_full_disk_is_told_in_our_own_words()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /dev/full");
        Assert.Equal("Cannot write '/dev/full': no space is left on the disk.", Assert.Throws<PatchKernelException>(() => AtomicFile.Write("/dev/full", "text")).Message);
    }

    [Theory]
    [InlineData("a\0b", "a character that no path can have")]
    [InlineData("none/", "it is a folder's name; name a file in it")]
    public void A_path_that_is_no_file_s_is_refused(string name, string expected) => Assert.Contains(
        expected, Assert.Throws<PatchKernelException>(() => AtomicFile.Probe(folder.File("") + name)).Message, StringComparison.Ordinal);

    private string[] Names() => [.. Directory.GetFileSystemEntries(folder.Path).Select(path => Path.GetFileName(path))];
}
