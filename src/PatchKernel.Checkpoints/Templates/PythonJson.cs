using System.Globalization;
using System.Text;

namespace PatchKernel.Templates;

/// <summary>Python's <c>json.dumps</c>, which transformers' filter tojson calls: blanks behind commas and colons, and &lt; &gt; &amp; ' as they are.</summary>
internal sealed class PythonJson
{
    private const int MostIndent = 1000;

    private readonly StringBuilder text = new();
    private readonly Rendering rendering;
    private readonly bool asciiOnly, sorted;
    private readonly string? indent;
    private readonly string comma, colon;

    private PythonJson(Rendering rendering, Bound options)
    {
        this.rendering = rendering;
        asciiOnly = Values.IsTrue(options.Or(0, false));
        indent = options.Or(1, null) switch
        {
            null => null,
            string blanks => blanks,
            var count => new string(' ', (int)Math.Clamp(Values.Whole(count), 0, MostIndent)),
        };
        (comma, colon) = options.Or(2, null) is { } separators
            ? Values.List(separators, rendering) is [string first, string second] ? (first, second) : throw TemplateError.Failed("not enough values to unpack (expected 2)")
            : (indent is null ? ", " : ",", ": ");
        sorted = Values.IsTrue(options.Or(3, false));
    }

    /// <summary>A value as JSON.</summary>
    /// <param name="value">The value.</param>
    /// <param name="options">ensure_ascii, indent, separators and sort_keys.</param>
    /// <param name="rendering">Counts.</param>
    /// <exception cref="TemplateError">JSON has no such value.</exception>
    public static string Dump(object? value, Bound options, Rendering rendering)
    {
        var json = new PythonJson(rendering, options);
        json.Write(value, 0);
        return json.text.ToString();
    }

    private void Write(object? value, int depth)
    {
        Values.CheckDepth();
        switch (value)
        {
            case Sequence { Kind: SequenceKind.List or SequenceKind.Tuple } sequence:
                WriteRow('[', ']', sequence.Items, item => Write(item, depth + 1), depth);
                break;
            case Dictionary dictionary:
                var entries = sorted ? Sorting.Sorted(dictionary.Items, entry => entry.Key, reverse: false, rendering) : dictionary.Items;
                WriteRow('{', '}', [.. entries], entry =>
                {
                    Append(Quoted(NameOf(entry.Key)));
                    Append(colon);
                    Write(entry.Value, depth + 1);
                }, depth);
                break;
            default: Append(Plain(value)); break;
        }
    }

    private void WriteRow<T>(char open, char close, IReadOnlyList<T> items, Action<T> write, int depth)
    {
        Append(open.ToString());
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0) Append(comma);
            NewLine(depth + 1);
            write(items[i]);
        }
        if (items.Count > 0) NewLine(depth);
        Append(close.ToString());
    }

    private void NewLine(int depth)
    {
        if (indent is null) return;
        rendering.Take((long)indent.Length * depth);
        text.Append('\n').Insert(text.Length, indent, depth);
    }

    private void Append(string part) => text.Append(rendering.Taken(part));

    private string Plain(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => double.IsNaN(number) ? "NaN" : double.IsInfinity(number) ? (number > 0 ? "Infinity" : "-Infinity") : Printing.Float(number),
        string quoted => Quoted(quoted),
        SafeText safe => Quoted(safe.Text),
        _ => throw TemplateError.Failed($"Object of type {Values.TypeName(value)} is not JSON serializable"),
    };

    private string NameOf(object? key) => key switch
    {
        string name => name,
        null or bool or long or double => Plain(key),
        _ => throw TemplateError.Failed($"keys must be str, int, float, bool or None, not {Values.TypeName(key)}"),
    };

    private string Quoted(string value)
    {
        var quoted = new StringBuilder(value.Length + 2).Append('"');
        foreach (var c in value)
            quoted.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\f' => "\\f",
                '\b' => "\\b",
                _ when c < ' ' || (asciiOnly && c > '~') => $"\\u{(int)c:x4}",
                _ => c.ToString(),
            });
        return quoted.Append('"').ToString();
    }
}
