using System.Security.Cryptography;
using System.Text;

namespace PatchKernel;

/// <summary>A blob that grows: what an earlier run left is hashed when it is opened, what is added as it comes.</summary>
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

    /// <summary>Forgets everything.</summary>
    public void Restart()
    {
        stream.Position = 0;
        stream.SetLength(0);
        hash.GetHashAndReset();
        Begin();
    }

    /// <summary>The name that a blob of these bytes has.</summary>
    public string BlobName() => Convert.ToHexStringLower(hash.GetCurrentHash());

    public void Dispose()
    {
        stream.Dispose();
        hash.Dispose();
    }

    /// <summary>Takes away what no download left there: a link would have another file written, and a pipe would be waited for.</summary>
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
