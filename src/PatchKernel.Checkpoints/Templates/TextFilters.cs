using System.Globalization;
using System.Text;

namespace PatchKernel.Templates;

/// <summary>Filters of texts.</summary>
internal static class TextFilters
{
    private const string WordStarts = "-({[<";

    /// <summary>The filters by name.</summary>
    public static IReadOnlyDictionary<string, Filters.Apply> All { get; } = new Dictionary<string, Filters.Apply>
    {
        ["upper"] = Plain("upper", PythonText.Upper),
        ["lower"] = Plain("lower", PythonText.Lower),
        ["capitalize"] = Plain("capitalize", PythonText.Capitalize),
        ["title"] = Plain("title", Title),
        ["string"] = (value, arguments, rendering) => value is SafeText ? value : Plain("string", text => text)(value, arguments, rendering),
        ["trim"] = (value, arguments, rendering) =>
        {
            var characters = arguments.Bind("do_trim", "chars").Or(0, null);
            return rendering.Taken(PythonText.Trim(Filters.Text(value, rendering), characters is null ? null : Values.Text(characters)));
        },
        ["replace"] = (value, arguments, rendering) =>
        {
            var bound = arguments.Bind("do_replace", "old", "new", "count");
            var (old, by) = (Filters.Text(bound[0], rendering), Filters.Text(bound[1], rendering));
            return TextSearch.Replace(Filters.Text(value, rendering), old, by, Values.Whole(bound.Or(2, null) ?? -1L), rendering);
        },
        ["center"] = (value, arguments, rendering) => TextMethods.Center(Filters.Text(value, rendering), Values.Whole(arguments.Bind("do_center", "width").Or(0, 80L)), " ", rendering),
        ["format"] = (value, arguments, rendering) => PercentFormat.Format(Filters.Text(value, rendering), OfFormat(arguments), rendering),
        ["indent"] = Indent,
        ["wordcount"] = (value, arguments, rendering) => WordCount(Plain("do_wordcount", text => text)(value, arguments, rendering) as string ?? ""),
    };

    private static Filters.Apply Plain(string name, Func<string, string> map) => (value, arguments, rendering) =>
    {
        arguments.Bind($"do_{name}");
        return rendering.Taken(map(Filters.Text(value, rendering)));
    };

    /// <summary>jinja2's own idea of a title: words begin behind white space and brackets, not behind every mark as Python's do.</summary>
    private static string Title(string text)
    {
        var title = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            var end = at;
            var isMark = IsBetween(text[at]);
            while (end < text.Length && IsBetween(text[end]) == isMark) end++;
            var first = char.IsHighSurrogate(text[at]) && at + 1 < end ? 2 : 1;
            title.Append(PythonText.Upper(text.Substring(at, first))).Append(PythonText.Lower(text[(at + first)..end]));
            at = end;
        }
        return title.ToString();

        static bool IsBetween(char c) => WordStarts.Contains(c, StringComparison.Ordinal) || PythonText.IsSpace(c);
    }

    private static object OfFormat(Arguments arguments)
    {
        if (arguments.Names.Count == 0) return Sequence.Tuple(arguments.Places);
        if (arguments.Places.Count > 0) throw TemplateError.Failed("can't handle positional and keyword arguments at the same time");
        var named = new Dictionary();
        foreach (var (name, value) in arguments.Names) named.Set(name, value);
        return named;
    }

    private static string Indent(object? value, Arguments arguments, Rendering rendering)
    {
        var bound = arguments.Bind("do_indent", "width", "first", "blank");
        var (first, blank) = (Values.IsTrue(bound.Or(1, false)), Values.IsTrue(bound.Or(2, false)));
        var text = Values.Text(value);
        var indent = bound.Or(0, 4L) is string given ? given : (string)Arithmetic.Binary("*", " ", bound.Or(0, 4L), rendering)!;
        var lines = TextSplitting.Lines(text + "\n").ToList();
        rendering.Take(text.Length + (long)indent.Length * lines.Count);
        var shown = lines.Select((line, i) => (i > 0 && (blank || line.Length > 0)) || (i == 0 && first) ? indent + line : line);
        return string.Join('\n', shown);
    }

    private static long WordCount(string text)
    {
        var (count, inWord) = (0L, false);
        foreach (var rune in text.EnumerateRunes())
        {
            var isWord = Rune.IsLetterOrDigit(rune) || rune.Value == '_' || Rune.GetUnicodeCategory(rune) is UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;
            if (isWord && !inWord) count++;
            inWord = isWord;
        }
        return count;
    }
}
