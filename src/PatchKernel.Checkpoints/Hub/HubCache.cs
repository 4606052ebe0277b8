using PatchKernel.Files;

namespace PatchKernel.Hub;

/// <summary>One model in Hugging Face's own cache: blobs named by their hashes, snapshots of links to them, and refs that name snapshots.</summary>
internal sealed class HubCache(HubSettings settings, HubName name)
{
    private const int MostRefBytes = 1000;

    private const string Tag = """
        Signature: 8a477f597d28d172789f06886806bc55
        # This file is a cache directory tag created by huggingface_hub.
        # For information about cache directory tags, see:
        #	https://bford.info/cachedir/

        """;

    /// <summary>The model's folder.</summary>
    public string Folder { get; } = Path.Combine(settings.CacheFolder, name.FolderName);

    private string RefPath => Path.Combine([Folder, "refs", .. name.Revision.Split('/')]);

    /// <summary>The commit that the cache has for the revision, or null.</summary>
    public string? Commit
    {
        get
        {
            if (name.IsCommit) return name.Revision;
            var commit = File.Exists(RefPath) ? System.Text.Encoding.UTF8.GetString(InputFile.ReadAll(RefPath, MostRefBytes)).Trim() : null;
            return Hex.IsCommit(commit) ? commit : null;
        }
    }

    /// <summary>The folder of a commit's files.</summary>
    public string Snapshot(string commit) => Path.Combine(Folder, "snapshots", commit);

    /// <summary>A blob's path.</summary>
    public string Blob(HubFile file) => Path.Combine(Folder, "blobs", file.BlobName);

    /// <summary>The path of a blob while it is downloaded.</summary>
    public string Partial(HubFile file) => $"{Blob(file)}.incomplete";

    /// <summary>The file that is locked while a blob is downloaded.</summary>
    public string Lock(HubFile file) => Path.Combine(settings.CacheFolder, ".locks", name.FolderName, $"{file.BlobName}.lock");

    /// <summary>Whether a snapshot has a file.</summary>
    public bool Has(HubFile file, string commit) => IsThere(Path.Combine(Snapshot(commit), file.Path));

    /// <summary>Whether a path is a file, or a link to one; a link to nothing doesn't count.</summary>
    public static bool IsThere(string path) => File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is not { Exists: false };

    /// <summary>Whether a file is known to be absent from the repository.</summary>
    public bool IsAbsent(string file, string commit) => File.Exists(Path.Combine(Folder, ".no_exist", commit, file));

    /// <summary>How many bytes are still to come for a file.</summary>
    public long Missing(HubFile file, string commit)
    {
        if (Has(file, commit) || File.Exists(Blob(file))) return 0;
        var partial = new FileInfo(Partial(file));
        return partial.Exists && partial.LinkTarget is null && partial.Length <= file.Size ? file.Size - partial.Length : file.Size;
    }

    /// <summary>Makes the folders, and marks the cache as a cache.</summary>
    public void Prepare(string commit)
    {
        foreach (var folder in (string[])["blobs", "refs", "trees", Path.Combine("snapshots", commit)])
            Directory.CreateDirectory(Path.Combine(Folder, folder));
        Directory.CreateDirectory(Path.Combine(settings.CacheFolder, ".locks", name.FolderName));
        var tag = Path.Combine(settings.CacheFolder, "CACHEDIR.TAG");
        if (!File.Exists(tag)) WriteBeside(tag, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(Tag.ReplaceLineEndings("\n"))));
    }

    /// <summary>Writes which commit the revision is.</summary>
    public void WriteRef(string commit)
    {
        if (name.IsCommit) return;
        Directory.CreateDirectory(Path.GetDirectoryName(RefPath)!);
        WriteBeside(RefPath, stream => stream.Write(System.Text.Encoding.ASCII.GetBytes(commit)));
    }

    /// <summary>The list of a commit's files, or null where the cache has none.</summary>
    public HubTree? ReadTree(string commit) => File.Exists(TreePath(commit)) ? HubTree.ReadCached(InputFile.ReadAll(TreePath(commit))) : null;

    /// <summary>Writes the list of a commit's files.</summary>
    public void WriteTree(string commit, HubTree tree) => WriteBeside(TreePath(commit), tree.WriteCached);

    /// <summary>Puts a blob into a snapshot: by a relative link, or as a file of its own where links aren't possible.</summary>
    /// <param name="file">The file.</param>
    /// <param name="commit">The snapshot.</param>
    /// <param name="isNew">Whether no other snapshot can know the blob, so that it may be moved.</param>
    public void Publish(HubFile file, string commit, bool isNew)
    {
        var place = Path.Combine(Snapshot(commit), file.Path);
        if (IsThere(place) || (settings.Links && TryLink(place, Path.Combine("..", "..", "blobs", file.BlobName)))) return;
        var whole = Blob(file);
        if (!isNew)
        {
            whole = $"{whole}.{Path.GetRandomFileName()}.copy";
            File.Copy(Blob(file), whole);
        }
        File.Move(whole, place, overwrite: true);
    }

    private static bool TryLink(string place, string target)
    {
        try
        {
            File.Delete(place); // a link to nothing
            File.CreateSymbolicLink(place, target);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return IsThere(place); // somebody else made it
        }
    }

    private string TreePath(string commit) => Path.Combine(Folder, "trees", $"{commit}.json");

    private static void WriteBeside(string path, Action<Stream> write)
    {
        var beside = $"{path}.{Path.GetRandomFileName()}.tmp";
        using (var stream = new FileStream(beside, FileMode.CreateNew)) write(stream);
        File.Move(beside, path, overwrite: true);
    }
}
