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

    private delegate void FieldReader(ref Utf8JsonReader json, string field);

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
        List<PairDefinition> pairs = [];
        ReadObject(ref json, "the file", ["pairs"], ["$schema"], (ref Utf8JsonReader json, string field) =>
        {
            if (field == "$schema") ReadText(ref json, field);
            else pairs = ReadList(ref json, field, ReadPair);
        });
        if (json.Read()) throw Broken(json.TokenStartIndex, "there is something after the end");
        return pairs;
    }

    private PairDefinition ReadPair(ref Utf8JsonReader json)
    {
        var start = json.TokenStartIndex;
        string name = "", note = "", template = "";
        PairSide clean = new("", ""), corrupt = clean;
        List<string> models = [], options = [];
        string[] required = ["name", "note", "models", "template", "clean", "corrupt"];
        ReadObject(ref json, "a pair", required, ["options"], (ref Utf8JsonReader json, string field) =>
        {
            switch (field)
            {
                case "name": name = ReadText(ref json, field); break;
                case "note": note = ReadText(ref json, field); break;
                case "template": template = ReadText(ref json, field); break;
                case "models": models = ReadTexts(ref json, field); break;
                case "options": options = ReadTexts(ref json, field); break;
                case "clean": clean = ReadSide(ref json, field); break;
                default: corrupt = ReadSide(ref json, field); break;
            }
        });
        var pair = new PairDefinition
        {
            Name = name,
            Note = note,
            Models = models,
            Template = template,
            Options = options,
            Clean = clean,
            Corrupt = corrupt,
        };
        if (pair.Fault() is { } fault) throw Broken(start, $"the pair '{name}' {fault}");
        return names.Add(name) ? pair : throw Broken(start, $"there is a second pair named '{name}'");
    }

    private PairSide ReadSide(ref Utf8JsonReader json, string side)
    {
        string subject = "", target = "";
        ReadObject(ref json, $"'{side}'", ["subject", "target"], [], (ref Utf8JsonReader json, string field) =>
        {
            if (field == "subject") subject = ReadText(ref json, field);
            else target = ReadText(ref json, field);
        });
        return new(subject, target);
    }

    private void ReadObject(ref Utf8JsonReader json, string what, string[] required, string[] optional, FieldReader read)
    {
        if (json.TokenType != JsonTokenType.StartObject) throw Broken(json.TokenStartIndex, $"{what} must be an object");
        var start = json.TokenStartIndex;
        HashSet<string> seen = [];
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var field = json.GetString()!;
            if (!required.Contains(field) && !optional.Contains(field))
                throw Broken(
                    json.TokenStartIndex, $"{what} has the unknown field '{field}'; known are {string.Join(", ", [.. required, .. optional])}");
            if (!seen.Add(field)) throw Broken(json.TokenStartIndex, $"{what} has the field '{field}' twice");
            json.Read();
            read(ref json, field);
        }
        if (required.FirstOrDefault(field => !seen.Contains(field)) is { } missing)
            throw Broken(start, $"{what} lacks the field '{missing}'");
    }

    private delegate T ItemReader<T>(ref Utf8JsonReader json);

    private List<T> ReadList<T>(ref Utf8JsonReader json, string field, ItemReader<T> read)
    {
        if (json.TokenType != JsonTokenType.StartArray) throw Broken(json.TokenStartIndex, $"'{field}' must be a list");
        List<T> items = [];
        while (json.Read() && json.TokenType != JsonTokenType.EndArray) items.Add(read(ref json));
        return items;
    }

    private List<string> ReadTexts(ref Utf8JsonReader json, string field) =>
        ReadList(ref json, field, (ref Utf8JsonReader json) => ReadText(ref json, field));

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
