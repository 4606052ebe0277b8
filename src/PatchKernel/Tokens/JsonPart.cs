using System.Text.Json;

namespace PatchKernel;

/// <summary>A value of a tokenizer's file that knows where it stands, so that every error can say so.</summary>
/// <param name="file">The file's path.</param>
/// <param name="path">The value's path in it, such as <c>model.dropout</c>; empty for the whole.</param>
/// <param name="element">The value.</param>
internal sealed class JsonPart(string file, string path, JsonElement element)
{
    private const int LongestQuote = 60;

    /// <summary>The file's path.</summary>
    public string File => file;

    /// <summary>The value's path.</summary>
    public string Path => path;

    /// <summary>The value.</summary>
    public JsonElement Element => element;

    /// <summary>The value of a key, or null where it is absent or null.</summary>
    public JsonPart? Find(string key)
    {
        if (element.ValueKind != JsonValueKind.Object) throw Wrong("an object");
        return element.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null
            ? Child(key, value)
            : null;
    }

    /// <summary>The value of a key that must be there.</summary>
    public JsonPart Require(string key) => Find(key) ?? throw Error(path.Length == 0 ? $"it has no {key}" : $"{path} has no {key}");

    /// <summary>Refuses keys other than these: a key that isn't understood may change the result.</summary>
    public void AllowOnly(params ReadOnlySpan<string> keys)
    {
        if (element.ValueKind != JsonValueKind.Object) throw Wrong("an object");
        foreach (var property in element.EnumerateObject())
            if (!keys.Contains(property.Name)) throw Child(property.Name, property.Value).Unsupported("without that key");
    }

    /// <summary>Refuses a key that is there and isn't null.</summary>
    public void RequireNull(string key)
    {
        if (Find(key) is { } part) throw part.Unsupported("null");
    }

    /// <summary>The elements of an array.</summary>
    public IEnumerable<JsonPart> Items()
    {
        if (element.ValueKind != JsonValueKind.Array) throw Wrong("an array");
        return element.EnumerateArray().Select((item, index) => new JsonPart(file, FormattableString.Invariant($"{path}[{index}]"), item));
    }

    /// <summary>A text.</summary>
    public string Text() => element.ValueKind == JsonValueKind.String ? element.GetString()! : throw Wrong("a text");

    /// <summary>An id: a whole number from 0.</summary>
    public int Id() => IsId(element, out var id) ? id : throw Wrong("an id");

    /// <summary>Whether a value is an id.</summary>
    public static bool IsId(JsonElement value, out int id)
    {
        id = -1;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out id) && id is >= 0 and < int.MaxValue;
    }

    /// <summary>The switch of a key, or what holds without it.</summary>
    public bool Switch(string key, bool absent) => Find(key) is not { } part ? absent
        : part.Element.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw part.Wrong("true or false"),
        };

    /// <summary>The error for a value of the wrong kind.</summary>
    public PatchKernelException Wrong(string expected) => Error($"{Name} is {Quote} where {expected} belongs");

    /// <summary>The error for a value that would change the result and isn't supported.</summary>
    public PatchKernelException Unsupported(string supported) =>
        Error($"{Name} is {Quote}, which isn't supported (supported: {supported})");

    /// <summary>An error in this file.</summary>
    public PatchKernelException Error(string what, Exception? cause = null) => TokenizerContent.Unusable(file, what, cause);

    private JsonPart Child(string key, JsonElement value) => new(file, path.Length == 0 ? key : $"{path}.{key}", value);

    private string Name => path.Length == 0 ? "its content" : path;

    private string Quote
    {
        get
        {
            var raw = element.GetRawText();
            return raw.Length <= LongestQuote ? raw : raw[..LongestQuote] + "…";
        }
    }
}
