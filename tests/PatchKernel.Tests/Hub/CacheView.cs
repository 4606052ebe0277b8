namespace PatchKernel.Tests.Hub;

/// <summary>What a cache looks like to somebody who opens it.</summary>
internal sealed class CacheView(string cache)
{
    private readonly string model = Path.Combine(cache, "models--patchkernel--tiny-sharded");

    public string Snapshot => Path.Combine(model, "snapshots", HubStandIn.Commit);

    public string Blobs => Path.Combine(model, "blobs");

    /// <summary>The files that are visible in the snapshot.</summary>
    public IReadOnlyList<string> Visible => Directory.Exists(Snapshot)
        ? [.. Directory.EnumerateFileSystemEntries(Snapshot).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Fails where a file in a snapshot isn't, byte for byte, the hub's.</summary>
    public void ShowsNothingWrong(HubStandIn hub)
    {
        foreach (var file in Visible) Assert.Equal(hub.Files[file], File.ReadAllBytes(Path.Combine(Snapshot, file)));
    }

    /// <summary>Fails unless all that is needed is there, and nothing else, and nothing is left over.</summary>
    public void IsWhole(HubStandIn hub)
    {
        string[] needless = ["README.md", "original/consolidated.00.pth", "pytorch_model.bin"];
        Assert.Equal(hub.Files.Keys.Except(needless).Order(StringComparer.Ordinal), Visible);
        ShowsNothingWrong(hub);
        string[] leftovers = [".incomplete", ".tmp", ".copy"];
        Assert.DoesNotContain(Directory.EnumerateFiles(cache, "*", SearchOption.AllDirectories), path => leftovers.Contains(Path.GetExtension(path)));
    }

    /// <summary>Every entry: its path, and what a link points to or a file's sha256.</summary>
    public static IEnumerable<string> Listing(string folder) => Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories)
        .Where(path => !Directory.Exists(path))
        .Select(path => $"{Path.GetRelativePath(folder, path)} {new FileInfo(path).LinkTarget ?? HubStandIn.Sha256(File.ReadAllBytes(path))}")
        .Order(StringComparer.Ordinal);
}
