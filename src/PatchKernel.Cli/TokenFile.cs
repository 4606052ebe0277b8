using System.Text.Encodings.Web;
using System.Text.Json;

namespace PatchKernel.Cli;

/// <summary>Turns a file of texts into a file of their ids.</summary>
internal static class TokenFile
{
    private static readonly JsonWriterOptions Readable = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads a JSON array of texts, and writes an array of <c>{text, ids, with_special, decoded}</c>; decoded comes from ids.</summary>
    /// <returns>Number of texts.</returns>
    public static int Convert(string input, string output, Tokenizer tokenizer)
    {
        var texts = Read(input);
        AtomicFile.Write(output, stream =>
        {
            using var json = new Utf8JsonWriter(stream, Readable);
            json.WriteStartArray();
            foreach (var text in texts) Write(json, text, tokenizer);
            json.WriteEndArray();
        });
        return texts.Count;
    }

    private static void Write(Utf8JsonWriter json, string text, Tokenizer tokenizer)
    {
        var ids = tokenizer.Encode(text, addSpecialTokens: false);
        json.WriteStartObject();
        json.WriteString("text", text);
        WriteIds(json, "ids", ids);
        WriteIds(json, "with_special", tokenizer.Encode(text));
        json.WriteString("decoded", tokenizer.Decode(ids));
        json.WriteEndObject();
    }

    private static void WriteIds(Utf8JsonWriter json, string name, IReadOnlyList<int> ids)
    {
        json.WritePropertyName(name);
        json.WriteRawValue($"[{string.Join(", ", ids)}]");
    }

    private static List<string> Read(string path)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            if (json.RootElement.ValueKind != JsonValueKind.Array || json.RootElement.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
                throw new PatchKernelException($"'{path}' must hold a JSON array of texts and nothing else.");
            return [.. json.RootElement.EnumerateArray().Select(item => item.GetString()!)];
        }
        catch (JsonException e)
        {
            throw new PatchKernelException($"{path}, line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}: not valid JSON; it must hold an array of texts.", e);
        }
        catch (InvalidOperationException e)
        {
            throw new PatchKernelException($"'{path}' has a text with half a character in it.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PatchKernelException($"The texts '{path}' can't be read: {e.Message}", e);
        }
    }
}
