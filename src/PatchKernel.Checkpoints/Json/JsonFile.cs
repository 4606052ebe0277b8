using System.Text.Json;
using PatchKernel.Files;

namespace PatchKernel.Json;

/// <summary>Reads JSON from other programs: strictly, within limits, and with errors that say where.</summary>
internal static class JsonFile
{
    // The parser keeps 12 bytes for each value, key and end, doubles its room by copying, and remembers keys: with so many it stays below 64 MB and twice
    // the text. The tokenizer of Llama 3 has 1.4 million, Gemma's, with its merges as pairs, 2.7 million.
    private const int FewBytes = 3_000_000;
    private const int MostEntryBytes = 1 << 25;
    private const int EntryBytes = 12;
    private const int MostKeys = 600_000; // the largest vocabularies have 262,144, and each added token seven

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <summary>Reads a JSON object in a file of its own.</summary>
    /// <param name="path">The file.</param>
    /// <param name="read">Turns the object into what is wanted; the element lives no longer than the call.</param>
    /// <param name="most">The most that is believed, of a file that may be larger than settings are.</param>
    /// <exception cref="PatchKernelException">There is no such file, or it is no JSON object.</exception>
    public static T Read<T>(string path, Func<JsonElement, T> read, JsonLimit? most = null)
    {
        return Parse(Bytes(path, most), $"'{path}'", read, most);
    }

    /// <summary>A file's content, without a byte order mark.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">The most that is believed, of a file that may be larger than settings are.</param>
    /// <exception cref="PatchKernelException">There is no such file, it isn't a regular one, it is too long to be settings, or it is something else by its first bytes.</exception>
    public static ReadOnlyMemory<byte> Bytes(string path, JsonLimit? most = null)
    {
        var bytes = most is { } limit ? InputFile.ReadAll(path, limit.Bytes) : InputFile.ReadAll(path);
        if (bytes.Length > 0 && OtherFormat.Of(bytes.AsSpan(0, Math.Min(bytes.Length, OtherFormat.HeadBytes))) is { } what) throw new PatchKernelException($"'{path}' {what}.");
        return bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsMemory(3) : bytes;
    }

    /// <summary>Reads a JSON object; <paramref name="what"/> names its source in errors.</summary>
    /// <exception cref="PatchKernelException">It is no UTF-8, no JSON, has a key twice, or is no object.</exception>
    public static T Parse<T>(ReadOnlyMemory<byte> utf8, string what, Func<JsonElement, T> read, JsonLimit? most = null)
    {
        if (JsonFault.OfUtf8(utf8.Span) is { } bad) throw new PatchKernelException($"{what} isn't UTF-8 text at line {bad.Line}, column {bad.Column}.");
        try
        {
            if (HasTooManyValues(utf8.Span, most)) throw new PatchKernelException($"{what} has more values than are believed: it is damaged{(most is null ? "" : ", or of a larger model than can be read")}.");
            using var document = JsonDocument.Parse(utf8, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? read(document.RootElement)
                : throw new PatchKernelException($"{what} isn't a JSON object.");
        }
        catch (JsonException e)
        {
            var fault = JsonFault.Of(utf8.Span, Strict.MaxDepth);
            throw new PatchKernelException($"{what} isn't valid JSON at line {fault.Line}, column {fault.Column}: {fault.Reason}.", e);
        }
        catch (InvalidOperationException e) // the parser leaves texts alone until they are read
        {
            throw new PatchKernelException($"{what} isn't valid JSON: it has a text that isn't valid Unicode.", e);
        }
    }

    /// <summary>Whether a text has too many values: they would take far more memory than the text itself.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static bool HasTooManyValues(ReadOnlySpan<byte> utf8, JsonLimit? most = null)
    {
        if (utf8.Length < FewBytes) return false;
        var left = most?.Values ?? Math.Max(utf8.Length, MostEntryBytes) / EntryBytes;
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = Strict.MaxDepth });
        var keys = most?.Values ?? MostKeys;
        while (reader.Read())
            if (--left < 0 || (reader.TokenType == JsonTokenType.PropertyName && --keys < 0)) return true;
        return false;
    }
}

/// <summary>The most that is believed of a JSON file.</summary>
/// <param name="Bytes">Its length.</param>
/// <param name="Values">Its values, keys and ends; the parser keeps 12 bytes for each.</param>
internal readonly record struct JsonLimit(int Bytes, int Values);
