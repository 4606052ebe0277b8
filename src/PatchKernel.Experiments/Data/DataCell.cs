using System.Text.Json;
using System.Text.RegularExpressions;
using PatchKernel.Text;

namespace PatchKernel.Data;

/// <summary>A value of a row: a text, or in JSON something else.</summary>
/// <param name="Text">The text; for anything else, its JSON.</param>
/// <param name="Kind">What it is in JSON; undefined in a CSV file, where a cell may be either.</param>
internal readonly partial record struct DataCell(string Text, JsonValueKind Kind = JsonValueKind.Undefined)
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8 };

    /// <summary>Whether nothing is there: JSON's null, an empty text, or what tables write for a number that isn't there.</summary>
    public bool IsEmpty => Kind == JsonValueKind.Null || Text.Length == 0 || (!IsJson && Text is "NaN" or "nan");

    /// <summary>Whether it is a list of nothing, which may be one of spans or of texts.</summary>
    public bool IsEmptyList => Text.AsSpan().Trim() is ['[', .. var inner, ']'] && inner.IsWhiteSpace();

    /// <summary>What is kept of a further column.</summary>
    public string Kept => Kind == JsonValueKind.Null ? "" : Text;

    /// <summary>Whether it is an array in JSON, or a cell that has a list of texts by its first characters, as JSON or Python write it.</summary>
    public bool IsList => Kind == JsonValueKind.Array || (Kind == JsonValueKind.Undefined && QuotedList().IsMatch(Text));

    /// <summary>A value of a JSON line.</summary>
    public static DataCell Of(JsonElement value) => new(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText(), value.ValueKind);

    /// <summary>The value as a text.</summary>
    /// <exception cref="RowFault">It is something else.</exception>
    public string AsText(string column) => Kind is JsonValueKind.String or JsonValueKind.Undefined ? Text
        : throw new RowFault($"'{Excerpt.Text(column)}' is {Excerpt.Text(Text)} where a text in quotes belongs");

    /// <summary>The value as texts: one, or a JSON array of them.</summary>
    /// <exception cref="RowFault">It is something else, or a list that is empty or has an empty text.</exception>
    public IReadOnlyList<string> AsTexts(string column)
    {
        if (!IsList) return [AsText(column)];
        var texts = Parse($"'{Excerpt.Text(column)}' is no list of texts; write it as JSON does, [\"one\", \"two\"]",
            json => json.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : throw new JsonException()).ToArray());
        return texts.Length > 0 && texts.All(text => text.Length > 0) ? texts : throw new RowFault($"'{Excerpt.Text(column)}' is a list with nothing in it, or with an empty text");
    }

    /// <summary>Reads an array in JSON.</summary>
    /// <exception cref="RowFault">It is none.</exception>
    public T Parse<T>(string otherwise, Func<JsonElement, T> read)
    {
        try
        {
            using var json = JsonDocument.Parse(Text, Strict);
            return read(json.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            throw new RowFault(otherwise, e);
        }
    }

    private bool IsJson => Kind is not (JsonValueKind.Undefined or JsonValueKind.String);

    [GeneratedRegex("""^\s*\[\s*["']""")]
    private static partial Regex QuotedList();
}
