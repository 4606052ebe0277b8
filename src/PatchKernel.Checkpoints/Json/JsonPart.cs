using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using PatchKernel.Text;

namespace PatchKernel.Json;

/// <summary>A value in a JSON file that knows its path, so that every error can give it.</summary>
internal sealed class JsonPart
{
    private const int QuotedBytes = 400; // more than an excerpt shows

    private readonly string kind;
    private readonly JsonPart? parent;
    private readonly string? key;
    private readonly int index;
    private readonly ReadOnlyMemory<byte> text;

    /// <summary>The whole content of a file.</summary>
    /// <param name="kind">What the file is, as errors call it: a config, a tokenizer, a result file.</param>
    /// <param name="file">The file's path.</param>
    /// <param name="element">The content.</param>
    /// <param name="text">The text that it was parsed from, where errors are to say line and column: people write such files by hand.</param>
    public JsonPart(string kind, string file, JsonElement element, ReadOnlyMemory<byte> text = default) => (this.kind, File, Element, this.text) = (kind, file, element, text);

    private JsonPart(JsonPart parent, string? key, int index, JsonElement element) : this(parent.kind, parent.File, element, parent.text) =>
        (this.parent, this.key, this.index) = (parent, key, index);

    /// <summary>The file's path.</summary>
    public string File { get; }

    /// <summary>The value.</summary>
    public JsonElement Element { get; }

    /// <summary>The value's key in the object that holds it; empty where none does.</summary>
    public string Key => key ?? "";

    /// <summary>The value's path, such as <c>model.vocab["a b"]</c>; empty for the whole.</summary>
    public string Path => parent is null ? ""
        : key is null ? string.Create(CultureInfo.InvariantCulture, $"{parent.Path}[{index}]")
        : !key.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? $"{parent.Path}[\"{Excerpt.Text(key)}\"]"
        : parent.Path.Length == 0 ? Excerpt.Text(key)
        : $"{parent.Path}.{Excerpt.Text(key)}";

    /// <summary>The value of a key, or null where it is absent or null.</summary>
    public JsonPart? Find(string key)
    {
        Expect(JsonValueKind.Object, "an object");
        return Element.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? new(this, key, 0, value) : null;
    }

    /// <summary>The value of a key that must be there.</summary>
    public JsonPart Require(string key) => Find(key) ?? throw Missing(key);

    /// <summary>The value of a key that must be there and may be null.</summary>
    public JsonPart? RequireOrNull(string key) =>
        Find(key) ?? (Element.TryGetProperty(key, out _) ? null : throw Missing(key));

    /// <summary>The values of an object.</summary>
    public IEnumerable<JsonPart> Members()
    {
        Expect(JsonValueKind.Object, "an object");
        return Element.EnumerateObject().Select(member => new JsonPart(this, Unicode(() => member.Name), 0, member.Value));
    }

    /// <summary>The elements of an array.</summary>
    public IEnumerable<JsonPart> Items()
    {
        Expect(JsonValueKind.Array, "an array");
        return Element.EnumerateArray().Select((item, i) => new JsonPart(this, null, i, item));
    }

    /// <summary>The elements of an array, or the value itself where it is none.</summary>
    public IEnumerable<JsonPart> OneOrSeveral() => Element.ValueKind == JsonValueKind.Array ? Items() : [this];

    /// <summary>Refuses keys other than these: a key that isn't understood may change the result.</summary>
    public void AllowOnly(params ReadOnlySpan<string> keys)
    {
        foreach (var member in Members())
            if (!keys.Contains(member.Key)) throw member.Unsupported("without that key");
    }

    /// <summary>Throws if an object or an array has too many entries.</summary>
    /// <returns>The part itself.</returns>
    public JsonPart AtMost(int most)
    {
        var count = Element.ValueKind switch { JsonValueKind.Object => Element.GetPropertyCount(), JsonValueKind.Array => Element.GetArrayLength(), _ => 0 };
        return count <= most ? this : throw Error(FormattableString.Invariant($"{Name} has {count} entries, and {most} are the most that is believed"));
    }

    /// <summary>A text.</summary>
    public string Text()
    {
        Expect(JsonValueKind.String, "a text");
        return Unicode(Element.GetString);
    }

    /// <summary>A whole number.</summary>
    public int Whole() => Whole("a whole number", int.MinValue, int.MaxValue);

    /// <summary>A whole number of a range.</summary>
    public int Whole(int least, int most) => Whole(FormattableString.Invariant($"a whole number from {least} to {most}"), least, most);

    /// <summary>An id: a whole number from 0.</summary>
    public int Id() => Whole("an id", 0, int.MaxValue - 1);

    /// <summary>A number above 0 that is one in float32 too.</summary>
    public double Positive() => Element.ValueKind == JsonValueKind.Number && Element.TryGetDouble(out var number) && float.IsNormal((float)number) && number > 0
        ? number
        : throw Wrong("a number above 0");

    /// <summary>A number that isn't below another one.</summary>
    public double AtLeast(double least) => Positive() is var number && number >= least
        ? number
        : throw Wrong(FormattableString.Invariant($"a number from {least}"));

    /// <summary>A number.</summary>
    public float Number() => IsNumber(out var number) ? number : throw Wrong("a number that fits float32");

    /// <summary>Whether it is a number that fits float32.</summary>
    public bool IsNumber(out float number)
    {
        number = 0;
        return Element.ValueKind == JsonValueKind.Number && Element.TryGetSingle(out number) && float.IsFinite(number);
    }

    /// <summary>True or false.</summary>
    public bool Flag() => Element.ValueKind is JsonValueKind.True or JsonValueKind.False ? Element.GetBoolean() : throw Wrong("true or false");

    /// <summary>Whether it is the given text, number or truth value.</summary>
    public bool Is(object accepted) => (Element.ValueKind, accepted) switch
    {
        (JsonValueKind.String, string text) => Element.GetString() == text,
        (JsonValueKind.Number, int number) => Element.TryGetDouble(out var value) && value == number,
        (JsonValueKind.True, true) or (JsonValueKind.False, false) => true,
        _ => false,
    };

    /// <summary>The error for a key that has to be there.</summary>
    public PatchKernelException Missing(string key) => Error($"it has no {new JsonPart(this, key, 0, default).Path}");

    /// <summary>The error for a value of the wrong kind.</summary>
    public PatchKernelException Wrong(string expected) => Error($"{Name} is {Quote()} where {expected} belongs");

    /// <summary>The error for a value that would change the result and isn't supported.</summary>
    public PatchKernelException Unsupported(string supported) => Error($"{Name} is {Quote()}, which isn't supported (supported: {supported})");

    /// <summary>The error for a value that can't be used, with the reason.</summary>
    public PatchKernelException But(string why) => Error($"{Name} is {Quote()}, but {why}");

    /// <summary>An error in this file, with line and column where its text is at hand.</summary>
    public PatchKernelException Error(string what, Exception? cause = null) => new(
        text.Span.Overlaps(JsonMarshal.GetRawUtf8Value(Element), out var offset) && JsonFault.At(text.Span, offset, what) is var fault
            ? $"{File}, line {fault.Line}, column {fault.Column}: {what}."
            : $"The {kind} '{File}' can't be used: {what}.",
        cause!);

    /// <summary>The value as it stands in the file, cut where it is long.</summary>
    public string Quote()
    {
        var raw = JsonMarshal.GetRawUtf8Value(Element);
        return Excerpt.Text(Encoding.UTF8.GetString(raw[..Math.Min(raw.Length, QuotedBytes)]));
    }

    private string Name => parent is null ? "its content" : Path;

    private int Whole(string expected, int least, int most) =>
        Element.ValueKind == JsonValueKind.Number && Element.TryGetInt32(out var number) && number >= least && number <= most
            ? number
            : throw Wrong(expected);

    /// <summary>A text out of the file; the parser doesn't look whether it has half a character in it.</summary>
    private string Unicode(Func<string?> read)
    {
        try
        {
            return read()!;
        }
        catch (InvalidOperationException e)
        {
            throw Error("it has a text that isn't valid Unicode", e);
        }
    }

    private void Expect(JsonValueKind wanted, string expected)
    {
        if (Element.ValueKind != wanted) throw Wrong(expected);
    }
}
