using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using PatchKernel.Files;

namespace PatchKernel.Cli;

/// <summary>Turns a file of texts into a file of their ids.</summary>
internal static class TokenFile
{
    private const long MostBytes = 100_000_000;

    /// <summary>Indented, letters of every script as they are.</summary>
    public static readonly JsonWriterOptions Readable = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>An array of <c>{text, ids, with_special, decoded}</c>; decoded comes from ids.</summary>
    public static string Of(IEnumerable<string> texts, Tokenizer tokenizer)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartArray();
            foreach (var text in texts) WriteText(json, text, tokenizer);
            json.WriteEndArray();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteText(Utf8JsonWriter json, string text, Tokenizer tokenizer)
    {
        var ids = tokenizer.Encode(text, addSpecialTokens: false);
        json.WriteStartObject();
        json.WriteString("text", text);
        WriteIds(json, "ids", ids);
        WriteIds(json, "with_special", tokenizer.Encode(text));
        json.WriteString("decoded", tokenizer.Decode(ids));
        json.WriteEndObject();
    }

    /// <summary>An array of ids on one line.</summary>
    public static void WriteIds(Utf8JsonWriter json, string name, IReadOnlyList<int> ids)
    {
        json.WritePropertyName(name);
        json.WriteRawValue($"[{string.Join(", ", ids)}]");
    }

    /// <summary>Reads a JSON array of texts.</summary>
    public static IReadOnlyList<string> Read(string path) => ReadArray(path, "texts", item => item.ValueKind == JsonValueKind.String, item => item.GetString()!);

    /// <summary>Reads a JSON array.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it holds.</param>
    /// <param name="isOne">Whether an entry is one.</param>
    /// <param name="read">Reads an entry.</param>
    public static IReadOnlyList<T> ReadArray<T>(string path, string what, Func<JsonElement, bool> isOne, Func<JsonElement, T> read)
    {
        try
        {
            using var json = JsonDocument.Parse(Bytes(path, what));
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Array || !root.EnumerateArray().All(isOne)) throw new PatchKernelException($"'{path}' must hold a JSON array of {what} and nothing else.");
            return [.. root.EnumerateArray().Select(read)];
        }
        catch (JsonException e)
        {
            var (line, column) = (e.LineNumber + 1, e.BytePositionInLine + 1);
            throw new PatchKernelException($"{path}, line {line}, column {column}: not valid JSON; it must hold an array of {what}.", e);
        }
        catch (InvalidOperationException e)
        {
            throw new PatchKernelException($"'{path}' has a text with half a character in it.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PatchKernelException($"The {what} '{path}' can't be read: {FileFault.Reason(path, e)}.", e);
        }
    }

    // A pipe is read to its end, and a device that has none isn't.
    private static byte[] Bytes(string path, string what)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read);
        var bytes = new MemoryStream();
        var part = new byte[81920];
        while (file.Read(part) is > 0 and var read)
        {
            if (bytes.Length + read > MostBytes) throw new PatchKernelException($"The {what} '{path}' are larger than {MostBytes / 1_000_000} MB: too many at once.");
            bytes.Write(part.AsSpan(0, read));
        }
        return bytes.ToArray();
    }
}
