using System.Security.Cryptography;
using System.Text;
using PatchKernel.Files;

namespace PatchKernel.Hub;

/// <summary>A blob that is being downloaded: what an earlier run left is hashed on opening, new bytes as they come.</summary>
internal sealed class PartialFile : IDisposable
{
    private const int ChunkBytes = 1 << 20;

    private readonly FileStream stream;
    private readonly HubFile file;
    private readonly IncrementalHash hash;

    public PartialFile(string path, HubFile file)
    {
        this.file = file;
        DropOther(path);
        stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        hash = IncrementalHash.CreateHash(file.Sha256 is null ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256);
        if (stream.Length > file.Size) stream.SetLength(0);
        Begin();
        var chunk = new byte[ChunkBytes];
        for (int count; (count = stream.Read(chunk)) > 0;) hash.AppendData(chunk, 0, count);
    }

    /// <summary>How many bytes are there.</summary>
    public long Length => stream.Position;

    /// <summary>Adds bytes.</summary>
    public async Task Append(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        await stream.WriteAsync(bytes, cancel);
        hash.AppendData(bytes.Span);
    }

    /// <summary>Empties the file.</summary>
    public void Restart()
    {
        stream.Position = 0;
        stream.SetLength(0);
        hash.GetHashAndReset();
        Begin();
    }

    /// <summary>The blob's name, which is the hash of its bytes.</summary>
    public string BlobName() => Convert.ToHexStringLower(hash.GetCurrentHash());

    public void Dispose()
    {
        stream.Dispose();
        hash.Dispose();
    }

    /// <summary>Removes a link or a pipe in the file's place: writing would change another file, or wait.</summary>
    private static void DropOther(string path)
    {
        if (new FileInfo(path).LinkTarget is not null || FileType.Irregular(path) is not null) File.Delete(path);
    }

    /// <summary>Git hashes a small file's kind and size before its bytes.</summary>
    private void Begin()
    {
        if (file.Sha256 is null) hash.AppendData(Encoding.ASCII.GetBytes(FormattableString.Invariant($"blob {file.Size}\0")));
    }
}
