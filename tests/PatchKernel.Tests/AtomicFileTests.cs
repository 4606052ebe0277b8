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

    private string[] Names() => [.. Directory.GetFileSystemEntries(folder.Path).Select(path => Path.GetFileName(path))];
}
