namespace PatchKernel.Hub;

/// <summary>A file of a repository, as the hub lists it.</summary>
/// <param name="Path">Its path in the repository.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="BlobId">Its git hash; of a large file that of the pointer which git keeps.</param>
/// <param name="Sha256">A large file's sha256, else null.</param>
/// <param name="XetHash">A large file's hash in the hub's newer storage, kept for Python's tools.</param>
internal sealed record HubFile(string Path, long Size, string BlobId, string? Sha256 = null, string? XetHash = null)
{
    /// <summary>The name of its blob in the cache, which is the hash of its bytes.</summary>
    public string BlobName => Sha256 ?? BlobId;
}
