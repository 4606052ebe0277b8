using System.Buffers;
using System.Text;
using System.Text.Json;

namespace PatchKernel;

/// <summary>Reads <c>prompts.json</c> token by token, so that every fault has its line and column.</summary>
internal sealed class PromptBookReader
{
    private const int MostDepth = 64; // as the reader has it

    private readonly string path;
    private readonly byte[] bytes;
    private readonly HashSet<string> names = [];

    private PromptBookReader(string path, byte[] bytes) => (this.path, this.bytes) = (path, bytes);

    private delegate object? ValueReader(ref Utf8JsonReader json, string field);

    /// <summary>The pairs of a file's content.</summary>
    public static IReadOnlyList<PairDefinition> Read(string path, byte[] content)
    {
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        if (content.AsSpan().StartsWith(mark)) content = content[mark.Length..];
        var reader = new PromptBookReader(path, content);
        if (Utf8End(content) is var end && end < content.Length) throw reader.Broken(end, "there is a byte that isn't UTF-8 text");
        try
        {
            return reader.ReadBook();
        }
        catch (JsonException e)
        {
            var fault = JsonFault.Of(content, MostDepth);
            throw new PatchKernelException($"{path}, line {fault.Line}, column {fault.Column}: not valid JSON: {fault.Reason}.", e);
        }
    }

    private List<PairDefinition> ReadBook()
    {
        var json = new Utf8JsonReader(bytes);
        json.Read();
        var book = ReadObject(ref json, "the file", new() { ["pairs"] = List(ReadPair) }, new() { ["$schema"] = ReadText });
        if (json.Read()) throw Broken(json.TokenStartIndex, "there is something after the end");
        return [.. Items<PairDefinition>(book, "pairs")];
    }

    private PairDefinition ReadPair(ref Utf8JsonReader json, string field)
    {
        var start = json.TokenStartIndex;
        var fields = ReadObject(
            ref json, "a pair", new() { ["name"] = ReadText, ["clean"] = ReadSide, ["corrupt"] = ReadSide },
            new() { ["note"] = ReadText, ["models"] = List(ReadModel), ["template"] = ReadText, ["options"] = List(ReadText) });
        var (clean, corrupt) = ((Side)fields["clean"]!, (Side)fields["corrupt"]!);
        var template = (string?)fields.GetValueOrDefault("template");
        var wanted = template is null ? "text" : "subject";
        foreach (var side in (Side[])[clean, corrupt])
            if (side.Key is { } key && key != wanted)
                throw Broken(start, $"the pair '{fields["name"]}' has {(template is null ? "no template, so each side needs a 'text'" : "a template, so each side needs a 'subject'")} and not a '{key}'");
        var pair = new PairDefinition
        {
            Name = (string)fields["name"]!,
            Note = (string?)fields.GetValueOrDefault("note"),
            Models = [.. Items<PairModel>(fields, "models")],
            Template = template ?? PairDefinition.SubjectPlace,
            Options = [.. Items<string>(fields, "options")],
            Clean = new(clean.Text, clean.Target),
            Corrupt = new(corrupt.Text, corrupt.Target),
        };
        if (pair.Fault() is { } fault) throw Broken(start, $"the pair '{pair.Name}' {fault}");
        if (!names.Add(pair.Name)) throw Broken(start, $"there is a second pair named '{pair.Name}'");
        return pair with { Asked = (pair.CleanText, pair.CorruptText) };
    }

    private PairModel ReadModel(ref Utf8JsonReader json, string field)
    {
        var fields = ReadObject(
            ref json, "a model", new() { ["name"] = ReadText, ["clean"] = ReadTextOrNull, ["corrupt"] = ReadTextOrNull }, new() { ["note"] = ReadText });
        return new((string)fields["name"]!, (string?)fields["clean"], (string?)fields["corrupt"]) { Note = (string?)fields.GetValueOrDefault("note") };
    }

    private Side ReadSide(ref Utf8JsonReader json, string field)
    {
        if (json.TokenType == JsonTokenType.String) return new Side(null, ReadText(ref json, field), null);
        if (json.TokenType != JsonTokenType.StartObject) throw Broken(json.TokenStartIndex, $"'{field}' must be a text or an object");
        var start = json.TokenStartIndex;
        var fields = ReadObject(ref json, $"'{field}'", [], new() { ["subject"] = ReadText, ["text"] = ReadText, ["target"] = ReadText });
        string[] given = [.. ((string[])["subject", "text"]).Where(fields.ContainsKey)];
        return given is [var key]
            ? new Side(key, (string)fields[key]!, (string?)fields.GetValueOrDefault("target"))
            : throw Broken(start, $"'{field}' needs a 'subject', which stands in the template, or a 'text', the whole prompt, and not both");
    }

    private Dictionary<string, object?> ReadObject(
        ref Utf8JsonReader json, string what, Dictionary<string, ValueReader> required, Dictionary<string, ValueReader> optional)
    {
        if (json.TokenType != JsonTokenType.StartObject) throw Broken(json.TokenStartIndex, $"{what} must be an object");
        var start = json.TokenStartIndex;
        Dictionary<string, object?> values = [];
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var field = Unescaped(ref json, "the name of a field");
            if (!required.TryGetValue(field, out var read) && !optional.TryGetValue(field, out read))
                throw Broken(
                    json.TokenStartIndex, $"{what} has the unknown field '{Excerpt.Text(field)}'; known are {string.Join(", ", [.. required.Keys, .. optional.Keys])}");
            if (values.ContainsKey(field)) throw Broken(json.TokenStartIndex, $"{what} has the field '{field}' twice");
            json.Read();
            values[field] = read(ref json, field);
        }
        if (required.Keys.FirstOrDefault(field => !values.ContainsKey(field)) is { } missing)
            throw Broken(start, $"{what} lacks the field '{missing}'");
        return values;
    }

    private ValueReader List(ValueReader read) => (ref Utf8JsonReader json, string field) =>
    {
        if (json.TokenType != JsonTokenType.StartArray) throw Broken(json.TokenStartIndex, $"'{field}' must be a list");
        List<object?> items = [];
        while (json.Read() && json.TokenType != JsonTokenType.EndArray) items.Add(read(ref json, field));
        return items;
    };

    private static IEnumerable<T> Items<T>(Dictionary<string, object?> fields, string field) =>
        ((List<object?>?)fields.GetValueOrDefault(field) ?? []).Cast<T>();

    private string? ReadTextOrNull(ref Utf8JsonReader json, string field) =>
        json.TokenType is JsonTokenType.Null ? null
        : json.TokenType is JsonTokenType.String ? ReadText(ref json, field)
        : throw Broken(json.TokenStartIndex, $"'{field}' must be a text or null");

    private string ReadText(ref Utf8JsonReader json, string field)
    {
        if (json.TokenType != JsonTokenType.String) throw Broken(json.TokenStartIndex, $"'{field}' must be a text");
        var text = Unescaped(ref json, $"'{field}'");
        return text.Length > 0 ? text : throw Broken(json.TokenStartIndex, $"'{field}' is empty");
    }

    private string Unescaped(ref Utf8JsonReader json, string what)
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw Broken(json.TokenStartIndex, $"{what} has half a character in it", e);
        }
    }

    /// <summary>How many bytes are UTF-8 text, from the first on.</summary>
    private static int Utf8End(ReadOnlySpan<byte> bytes)
    {
        var end = 0;
        while (end < bytes.Length && Rune.DecodeFromUtf8(bytes[end..], out _, out var length) == OperationStatus.Done) end += length;
        return end;
    }

    private PatchKernelException Broken(long offset, string what, Exception? inner = null)
    {
        var place = JsonFault.At(bytes, offset, what);
        var message = $"{path}, line {place.Line}, column {place.Column}: {what}.";
        return inner is null ? new PatchKernelException(message) : new PatchKernelException(message, inner);
    }

    /// <summary>One side as the file has it.</summary>
    /// <param name="Key">The key that its text has; null for a plain text.</param>
    /// <param name="Text">The subject or, without a template, the prompt.</param>
    /// <param name="Target">The answer, where there is one.</param>
    private sealed record Side(string? Key, string Text, string? Target);
}
