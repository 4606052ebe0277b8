using System.Security.Cryptography;
using System.Text.Json;
using PatchKernel.Files;

namespace PatchKernel.Data;

/// <summary>An open data file: finds out its format, and reads its rows as a stream.</summary>
internal sealed class DataFile : IDisposable
{
    private const int HeadBytes = 1 << 16;

    private readonly string path;
    private readonly FileStream stream;
    private readonly byte[] head;

    private DataFile(string path, FileStream stream)
    {
        (this.path, this.stream) = (path, stream);
        Hash = Convert.ToHexStringLower(SHA256.HashData(stream));
        stream.Position = 0;
        head = new byte[Math.Min(HeadBytes, stream.Length)];
        stream.ReadExactly(head);
        stream.Position = 0;
        if (head.AsSpan().StartsWith("\uFEFF"u8)) (stream.Position, head) = (3, head[3..]);
    }

    /// <summary>SHA-256 of the file, in hexadecimal digits.</summary>
    public string Hash { get; }

    /// <summary>Opens a file.</summary>
    /// <exception cref="PatchKernelException">It can't be read, or isn't a data file.</exception>
    public static DataFile Open(string path)
    {
        var stream = InputFile.Open(path);
        try
        {
            var file = new DataFile(path, stream);
            return file.Other() is { } what ? throw new PatchKernelException($"'{path}' {what}.") : file;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>The rows, bad ones among them.</summary>
    /// <exception cref="PatchKernelException">Of a table the head is bad; of a <c>prompts.json</c> anything is.</exception>
    public IEnumerable<RawRow> Rows()
    {
        var ending = Path.GetExtension(path).ToLowerInvariant();
        if (ending is ".csv" or ".tsv" or ".tab" || (ending is not (".jsonl" or ".ndjson" or ".json") && !Begins("{") && !Begins("[")))
            return CsvRows.Read(path, stream, CsvRows.SeparatorOf(head, ending is ".tsv" or ".tab" ? '\t' : ','));
        if (Begins("[")) throw new PatchKernelException($"'{path}' is a JSON array; write its objects one a line (JSON lines), as jq -c '.[]' does, or a CSV file.");
        return IsBook(ending) ? BookRows.Read(path) : JsonRows.Read(stream);
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();

    private bool Begins(string with) => head.AsSpan().TrimStart(" \t\r\n"u8).StartsWith(System.Text.Encoding.ASCII.GetBytes(with));

    /// <summary>Whether it is a prompts.json: an object over several lines, or one of pairs.</summary>
    private bool IsBook(string ending)
    {
        var start = head.AsSpan().TrimStart(" \t\r\n"u8);
        var end = start.IndexOf((byte)'\n');
        try
        {
            using var first = JsonDocument.Parse((end < 0 ? start : start[..end]).ToArray());
            return first.RootElement.ValueKind == JsonValueKind.Object && first.RootElement.TryGetProperty("pairs", out var pairs) && pairs.ValueKind == JsonValueKind.Array;
        }
        catch (InvalidOperationException) // a key with half a character in it, which is told of the row
        {
            return false;
        }
        catch (JsonException)
        {
            return ending is not (".jsonl" or ".ndjson") && start.StartsWith("{"u8);
        }
    }

    /// <summary>What a file is that holds no rows, as text after its path; null if it isn't recognised.</summary>
    private string? Other() => head.Length == 0 ? null // no rows, which is told elsewhere
        : head is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] ? "is text in UTF-16: save it as UTF-8"
        : head is [(byte)'P', (byte)'K', 3, 4, ..] ? "is a workbook or another archive: export its table as CSV"
        : head is [(byte)'P', (byte)'A', (byte)'R', (byte)'1', ..] ? "is a Parquet file: export it as CSV or as JSON lines"
        : OtherFormat.Of(head.AsSpan(0, Math.Min(head.Length, OtherFormat.HeadBytes)))
        ?? (head is [0, ..] or [_, 0, ..] ? "isn't text in UTF-8: save it as that" : null);
}
