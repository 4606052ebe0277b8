using System.Text.Json;
using System.Text.RegularExpressions;
using PatchKernel.Prompts;
using PatchKernel.Text;

namespace PatchKernel.Data;

/// <summary>Reads spans out of a column: <c>[[15, 26], [15, 21]]</c> are clean's and corrupt's range, and a list of such are several.</summary>
internal static partial class SpanCells
{
    /// <summary>Whether a value is one or more spans by its first characters, Python's tuples included.</summary>
    public static bool Looks(DataCell cell) => cell.Kind is JsonValueKind.Array or JsonValueKind.Undefined && Nested().IsMatch(cell.Text);

    /// <summary>Adds a column's spans; those of a list are called <c>column[0]</c>, <c>column[1]</c> and so on.</summary>
    /// <exception cref="RowFault">They are written in another way, outside a text, or have a name that is taken.</exception>
    public static void Add(IDictionary<string, (TextRange Clean, TextRange Corrupt)> spans, string column, DataCell cell, string clean, string corrupt)
    {
        var found = cell.Parse($"'{Excerpt.Text(column)}' is {Excerpt.Text(cell.Text)} where clean's and corrupt's range belong, as [[15, 26], [15, 21]], or a list of such", Read);
        foreach (var (name, span) in found.Ranges.Select((span, i) => (found.IsList ? $"{column}[{i}]" : column, span)))
        {
            Check(name, span.Clean, clean, "clean");
            Check(name, span.Corrupt, corrupt, "corrupt");
            Add(spans, name, span);
        }
    }

    /// <summary>Adds a span by a name that no other has.</summary>
    /// <exception cref="RowFault">The name is taken, or means something else.</exception>
    public static void Add(IDictionary<string, (TextRange Clean, TextRange Corrupt)> spans, string name, (TextRange, TextRange) span)
    {
        try
        {
            if (!spans.TryAdd(SpanNames.Checked(name), span)) throw new RowFault($"there are two spans '{Excerpt.Text(name)}'");
        }
        catch (PatchKernelException e)
        {
            throw RowFault.Of(e);
        }
    }

    private static (IReadOnlyList<(TextRange Clean, TextRange Corrupt)> Ranges, bool IsList) Read(JsonElement json) => json[0][0].ValueKind == JsonValueKind.Array
        ? ([.. json.EnumerateArray().Select(Span)], true)
        : ([Span(json)], false);

    private static (TextRange, TextRange) Span(JsonElement json) => (Range(Two(json)[0]), Range(Two(json)[1]));

    private static TextRange Range(JsonElement json) => new(Two(json)[0].GetInt32(), Two(json)[1].GetInt32());

    private static JsonElement Two(JsonElement json) => json.GetArrayLength() == 2 ? json : throw new FormatException();

    private static void Check(string name, TextRange range, string text, string side)
    {
        var length = SpannedText.Count(text);
        if (range.Start < 0 || range.End <= range.Start || range.End > length)
            throw new RowFault($"the span '{Excerpt.Text(name)}' is {range.Start} to {range.End} in the {side} prompt, which has {length} characters; give its first one and the one behind its last");
    }

    [GeneratedRegex(@"^\s*[\[(]\s*[\[(]\s*[\[(\d-]")]
    private static partial Regex Nested();
}
