using System.Text.Json;
using PatchKernel.Json;

namespace PatchKernel.Data;

/// <summary>Reads JSON lines: an object a line, each column a key.</summary>
internal static class JsonRows
{
    private const int LongestLine = 1 << 24;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    /// <summary>The rows; a line that isn't an object is a bad one.</summary>
    public static IEnumerable<RawRow> Read(Stream stream)
    {
        foreach (var (line, bytes) in Lines(stream))
        {
            if (bytes is null) yield return RawRow.Bad(line, $"it is longer than {LongestLine >> 20} MB");
            else if (bytes.AsSpan().ContainsAnyExcept(" \t\r"u8)) yield return Row(line, bytes);
        }
    }

    private static RawRow Row(int line, byte[] utf8)
    {
        if (JsonFault.OfUtf8(utf8) is { } bad) return RawRow.Bad(line, $"it isn't UTF-8 text at column {bad.Column}");
        try
        {
            using var json = JsonDocument.Parse(utf8, Strict);
            if (json.RootElement.ValueKind != JsonValueKind.Object) return RawRow.Bad(line, "it isn't a JSON object, {\"clean\": …}");
            return new(line, new(json.RootElement.EnumerateObject().Select(each => KeyValuePair.Create(each.Name, DataCell.Of(each.Value)))));
        }
        catch (JsonException)
        {
            var fault = JsonFault.Of(utf8, Strict.MaxDepth);
            return RawRow.Bad(line, $"it isn't a JSON object on one line, at column {fault.Column}: {fault.Reason}");
        }
        catch (InvalidOperationException) // the parser leaves texts alone until they are read
        {
            return RawRow.Bad(line, "it has a text that isn't valid Unicode");
        }
    }

    /// <summary>The lines' bytes, without their ends; null of one that is too long to be a row.</summary>
    private static IEnumerable<(int Line, byte[]? Bytes)> Lines(Stream stream)
    {
        var (buffer, line, number, isTooLong) = (new byte[1 << 16], new MemoryStream(), 1, false);
        while (stream.Read(buffer) is > 0 and var read)
        {
            var at = 0;
            while (at < read)
            {
                var end = Array.IndexOf(buffer, (byte)'\n', at, read - at);
                var length = (end < 0 ? read : end) - at;
                isTooLong |= line.Length + length > LongestLine;
                if (!isTooLong) line.Write(buffer, at, length);
                at += length + 1;
                if (end < 0) continue;
                yield return (number++, isTooLong ? null : line.ToArray());
                line.SetLength(0);
                isTooLong = false;
            }
        }
        if (line.Length > 0 || isTooLong) yield return (number, isTooLong ? null : line.ToArray());
    }
}
