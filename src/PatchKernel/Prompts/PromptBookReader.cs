using System.Text;
using System.Text.Json;

namespace PatchKernel;

/// <summary>Reads <c>prompts.json</c> token by token, so that every fault has its line and column.</summary>
internal sealed class PromptBookReader
{
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
        try
        {
            return reader.ReadBook();
        }
        catch (JsonException e)
        {
            // The reader's own message ends with its zero-based position, which the sentence already has.
            var reason = e.Message.Split(" LineNumber:", 2)[0].TrimEnd('.');
            var offset = reader.LineStart((int)(e.LineNumber ?? 0)) + (int)(e.BytePositionInLine ?? 0);
            throw reader.Broken(offset, $"not valid JSON: {reason}", e);
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
            ref json, "a pair",
            new()
            {
                ["name"] = ReadText,
                ["note"] = ReadText,
                ["models"] = List(ReadModel),
                ["template"] = ReadText,
                ["clean"] = ReadSide,
                ["corrupt"] = ReadSide,
            },
            new() { ["options"] = List(ReadText) });
        var pair = new PairDefinition
        {
            Name = (string)fields["name"]!,
            Note = (string)fields["note"]!,
            Models = [.. Items<PairModel>(fields, "models")],
            Template = (string)fields["template"]!,
            Options = [.. Items<string>(fields, "options")],
            Clean = (PairSide)fields["clean"]!,
            Corrupt = (PairSide)fields["corrupt"]!,
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

    private PairSide ReadSide(ref Utf8JsonReader json, string field)
    {
        var fields = ReadObject(ref json, $"'{field}'", new() { ["subject"] = ReadText, ["target"] = ReadText }, []);
        return new((string)fields["subject"]!, (string)fields["target"]!);
    }

    private Dictionary<string, object?> ReadObject(
        ref Utf8JsonReader json, string what, Dictionary<string, ValueReader> required, Dictionary<string, ValueReader> optional)
    {
        if (json.TokenType != JsonTokenType.StartObject) throw Broken(json.TokenStartIndex, $"{what} must be an object");
        var start = json.TokenStartIndex;
        Dictionary<string, object?> values = [];
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var field = json.GetString()!;
            if (!required.TryGetValue(field, out var read) && !optional.TryGetValue(field, out read))
                throw Broken(
                    json.TokenStartIndex, $"{what} has the unknown field '{field}'; known are {string.Join(", ", [.. required.Keys, .. optional.Keys])}");
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
        try
        {
            var text = json.GetString()!;
            return text.Length > 0 ? text : throw Broken(json.TokenStartIndex, $"'{field}' is empty");
        }
        catch (InvalidOperationException e)
        {
            throw Broken(json.TokenStartIndex, $"'{field}' has half a character in it", e);
        }
    }

    private int LineStart(int line)
    {
        var start = 0;
        for (; line > 0; line--) start += bytes.AsSpan(start).IndexOf((byte)'\n') + 1;
        return start;
    }

    private PatchKernelException Broken(long offset, string what, Exception? inner = null)
    {
        var before = bytes.AsSpan(0, (int)Math.Min(offset, bytes.Length));
        var line = before.Count((byte)'\n') + 1;
        // In characters, as editors count.
        var column = Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1;
        var message = $"{path}, line {line}, column {column}: {what}.";
        return inner is null ? new PatchKernelException(message) : new PatchKernelException(message, inner);
    }
}
