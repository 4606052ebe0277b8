using System.Text.Encodings.Web;
using System.Text.Json;
using PatchKernel.Text;

namespace PatchKernel.Hub;

/// <summary>The files of a repository at one commit: the hub's answer, and the same list as Python's tools keep it in <c>trees/COMMIT.json</c>.</summary>
internal sealed record HubTree(IReadOnlyDictionary<string, HubFile> Files)
{
    private const int FormatVersion = 1;
    private const long MostBytes = 1L << 41; // the sizes of as many files as an index can name have a sum

    // One space, a line each: byte for byte what Python writes.
    private static readonly JsonWriterOptions Layout = new()
    {
        Indented = true,
        IndentSize = 1,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Reads one page of the hub's list.</summary>
    /// <exception cref="JsonException">It isn't such a list.</exception>
    public static IEnumerable<HubFile> ReadPage(JsonElement page)
    {
        if (page.ValueKind != JsonValueKind.Array) throw new JsonException("a list of files was expected");
        foreach (var entry in page.EnumerateArray())
        {
            if (Text(entry, "type") != "file") continue;
            var large = entry.TryGetProperty("lfs", out var lfs) && lfs.ValueKind == JsonValueKind.Object;
            yield return File(Text(entry, "path"), Size(entry, "size"), Text(entry, "oid"), large ? Text(lfs, "oid") : null, Text(entry, "xetHash"));
        }
    }

    /// <summary>Reads the cache's list; null if it is broken or newer.</summary>
    public static HubTree? ReadCached(byte[] utf8)
    {
        try
        {
            using var json = JsonDocument.Parse(utf8);
            if (Size(json.RootElement, "format_version") != FormatVersion) return null;
            return new(json.RootElement.GetProperty("files").EnumerateObject()
                .Select(file => File(
                    file.Name, Size(file.Value, "size"), Text(file.Value, "blob_id"), Text(file.Value, "lfs_sha256"), Text(file.Value, "xet_hash")))
                .ToDictionary(file => file.Path));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Writes the list as the cache keeps it.</summary>
    public void WriteCached(Stream stream)
    {
        using var json = new Utf8JsonWriter(stream, Layout);
        json.WriteStartObject();
        json.WriteNumber("format_version", FormatVersion);
        json.WriteStartObject("files");
        foreach (var file in Files.Values.OrderBy(file => file.Path, StringComparer.Ordinal))
        {
            json.WriteStartObject(file.Path);
            json.WriteNumber("size", file.Size);
            json.WriteString("blob_id", file.BlobId);
            if (file.Sha256 is not null)
            {
                json.WriteString("lfs_sha256", file.Sha256);
                json.WriteNumber("lfs_size", file.Size);
            }
            if (file.XetHash is not null) json.WriteString("xet_hash", file.XetHash);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Checks a file's hashes, which become file names here.</summary>
    private static HubFile File(string? path, long size, string? blobId, string? sha256, string? xetHash)
    {
        if (path is null || size is < 0 or > MostBytes || !Hex.IsCommit(blobId) || (sha256 is not null && !Hex.IsSha256(sha256)))
            throw new JsonException($"'{Excerpt.Text(path ?? "")}' is listed without a size and a hash");
        return new HubFile(path, size, blobId!, sha256, Hex.IsSha256(xetHash) ? xetHash : null);
    }

    private static string? Text(JsonElement entry, string key) =>
        entry.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long Size(JsonElement entry, string key) =>
        entry.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var size) ? size : -1;
}
