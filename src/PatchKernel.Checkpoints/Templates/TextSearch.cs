namespace PatchKernel.Templates;

/// <summary>Python's find, count, startswith and replace.</summary>
internal static class TextSearch
{
    /// <summary>Calls one of them.</summary>
    public static object Call(string text, string name, Arguments arguments, Rendering rendering)
    {
        var bound = arguments.Bind(name, "sub", "start", "end");
        var length = PythonText.Length(text);
        var (from, to) = (From(bound.Or(1, null)), To(bound.Or(2, null)));
        if (name is "startswith" or "endswith")
            return from <= length && Options(bound[0], name).Any(part => from <= to && Begins(Part(text, from, to, rendering), part, name));
        var sought = Values.Text(bound[0]);
        rendering.Step(((long)text.Length * sought.Length / 4096) + 1);
        if (from > to) return name is "count" ? 0L : name is "find" or "rfind" ? -1L : throw TemplateError.Failed("substring not found");
        var part = Part(text, from, to, rendering);
        if (name == "count") return sought.Length == 0 ? PythonText.Length(part) + 1L : Count(part, sought);
        var at = name is "find" or "index" ? part.IndexOf(sought, StringComparison.Ordinal) : part.LastIndexOf(sought, StringComparison.Ordinal);
        if (at < 0) return name is "find" or "rfind" ? -1L : throw TemplateError.Failed("substring not found");
        return (long)from + PythonText.Length(part[..at]);

        int From(object? given) => given is null ? 0 : (int)(Values.Whole(given) is var place && place < 0 ? Math.Max(place + length, 0) : Math.Min(place, int.MaxValue));

        int To(object? given) => given is null ? length : (int)(Values.Whole(given) is var place && place < 0 ? Math.Max(place + length, 0) : Math.Min(place, length));
    }

    /// <summary>A text with something replaced, some times or all.</summary>
    public static string Replace(string text, string old, string by, long count, Rendering rendering)
    {
        rendering.Step(((long)text.Length * old.Length / 4096) + (text.Length / 16) + 1);
        if (count == 0) return text;
        var times = old.Length == 0 ? PythonText.Length(text) + 1L : Count(text, old);
        if (count > 0) times = Math.Min(times, count);
        rendering.Take(text.Length + (times * Math.Max(by.Length, 1)));
        if (old.Length == 0)
        {
            var characters = PythonText.Characters(text);
            return string.Concat(Enumerable.Range(0, characters.Count + 1).Select(i => (i < times ? by : "") + (i < characters.Count ? characters[i] : "")));
        }
        if (count < 0) return text.Replace(old, by, StringComparison.Ordinal);
        var parts = text.Split(old, (int)times + 1);
        return string.Join(by, parts);
    }

    private static IEnumerable<string> Options(object? given, string name) => given switch
    {
        string one => [one],
        Sequence { Kind: SequenceKind.Tuple } several => several.Items.Select(Values.Text),
        _ => throw TemplateError.Failed($"{name} first arg must be str or a tuple of str, not {Values.TypeName(Undefined.Defined(given))}"),
    };

    private static bool Begins(string text, string part, string name) => name == "startswith" ? text.StartsWith(part, StringComparison.Ordinal) : text.EndsWith(part, StringComparison.Ordinal);

    private static string Part(string text, int from, int to, Rendering rendering)
    {
        if (from == 0 && to >= PythonText.Length(text)) return text;
        var start = PythonText.Offset(text, Math.Min(from, PythonText.Length(text)));
        return rendering.Taken(text[start..PythonText.Offset(text, Math.Min(to, PythonText.Length(text)))]);
    }

    private static long Count(string text, string part)
    {
        var count = 0L;
        for (var at = text.IndexOf(part, StringComparison.Ordinal); at >= 0; at = text.IndexOf(part, at + part.Length, StringComparison.Ordinal)) count++;
        return count;
    }
}
