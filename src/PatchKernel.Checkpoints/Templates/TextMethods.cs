namespace PatchKernel.Templates;

/// <summary>Methods of Python's texts.</summary>
internal static class TextMethods
{
    /// <summary>Every method that Python has: those that aren't supported too, since they come before a key of that name.</summary>
    public static readonly HashSet<string> Names = [.. ("capitalize casefold center count encode endswith expandtabs find format format_map index isalnum isalpha isascii isdecimal isdigit isidentifier "
        + "islower isnumeric isprintable isspace istitle isupper join ljust lower lstrip maketrans partition removeprefix removesuffix replace rfind rindex rjust rpartition rsplit rstrip "
        + "split splitlines startswith strip swapcase title translate upper zfill").Split(' ')];

    /// <summary>Calls one.</summary>
    /// <exception cref="TemplateError">It isn't supported, doesn't take these arguments, or fails.</exception>
    public static object? Call(string text, string name, Arguments arguments, Rendering rendering)
    {
        rendering.Step(1 + (text.Length / 16));
        switch (name)
        {
            case "strip" or "lstrip" or "rstrip":
                var characters = arguments.Bind(name, "chars").Or(0, null);
                return rendering.Taken(PythonText.Trim(text, characters is null ? null : Values.Text(characters), name != "rstrip", name != "lstrip"));
            case "split" or "rsplit" or "splitlines" or "partition" or "rpartition": return TextSplitting.Call(text, name, arguments, rendering);
            case "find" or "rfind" or "index" or "rindex" or "count" or "startswith" or "endswith": return TextSearch.Call(text, name, arguments, rendering);
            case "replace":
                var replace = arguments.Bind(name, "old", "new", "count");
                return TextSearch.Replace(text, Values.Text(replace[0]), Values.Text(replace[1]), Values.Whole(replace.Or(2, -1L)), rendering);
            case "join": return Join(text, Values.Iterate(arguments.Bind(name, "iterable")[0]), rendering);
            case "format": return rendering.Taken(BraceFormat.Format(text, arguments, rendering));
            case "removeprefix" or "removesuffix":
                var affix = Values.Text(arguments.Bind(name, "affix")[0]);
                if (name == "removeprefix") return text.StartsWith(affix, StringComparison.Ordinal) ? rendering.Taken(text[affix.Length..]) : text;
                return text.EndsWith(affix, StringComparison.Ordinal) ? rendering.Taken(text[..^affix.Length]) : text;
            case "center" or "ljust" or "rjust" or "zfill": return Padded(text, name, arguments, rendering);
            default:
                arguments.Bind(name);
                return Whole(text, name, rendering);
        }
    }

    /// <summary>Texts with a text between them.</summary>
    public static string Join(string text, IEnumerable<object?> parts, Rendering rendering)
    {
        var all = new List<string>();
        foreach (var part in parts)
        {
            all.Add(part as string ?? throw TemplateError.Failed(FormattableString.Invariant($"sequence item {all.Count}: expected str instance, {Values.TypeName(part)} found")));
            rendering.Take(text.Length + all[^1].Length + 8L);
        }
        return string.Join(text, all);
    }

    /// <summary>Padded to a width.</summary>
    public static string Center(string text, long width, string fill, Rendering rendering)
    {
        var missing = width - PythonText.Length(text);
        if (missing <= 0) return text;
        rendering.Take(missing);
        var left = (missing / 2) + (missing & width & 1);
        return Fill(fill, left) + text + Fill(fill, missing - left);
    }

    private static object Whole(string text, string name, Rendering rendering) => name switch
    {
        "upper" => rendering.Taken(PythonText.Upper(text)),
        "lower" => rendering.Taken(PythonText.Lower(text)),
        "title" => rendering.Taken(PythonText.Title(text)),
        "capitalize" => rendering.Taken(PythonText.Capitalize(text)),
        "isspace" => text.Length > 0 && text.All(PythonText.IsSpace),
        "isascii" => text.All(char.IsAscii),
        "isupper" or "islower" or "isalpha" or "isalnum" or "isdigit" or "isdecimal" or "isnumeric" => TextClasses.Is(text, name),
        _ => throw TemplateError.Unsupported($"the method \"{name}\" of a text"),
    };

    private static string Padded(string text, string name, Arguments arguments, Rendering rendering)
    {
        var bound = name == "zfill" ? arguments.Bind(name, "width") : arguments.Bind(name, "width", "fillchar");
        var (width, fill) = (Values.Whole(bound[0]), name == "zfill" ? "0" : Values.Text(bound.Or(1, " ")));
        if (PythonText.Length(fill) != 1) throw TemplateError.Failed("The fill character must be exactly one character long");
        if (name == "center") return Center(text, width, fill, rendering);
        var missing = width - PythonText.Length(text);
        if (missing <= 0) return text;
        rendering.Take(missing + text.Length);
        if (name == "ljust") return text + Fill(fill, missing);
        return name == "zfill" && text.StartsWith(['+', '-'], out var sign) ? sign + Fill(fill, missing) + text[1..] : Fill(fill, missing) + text;
    }

    private static string Fill(string fill, long count) => string.Concat(Enumerable.Repeat(fill, (int)count));

    private static bool StartsWith(this string text, ReadOnlySpan<char> any, out string first)
    {
        first = text.Length > 0 ? text[..1] : "";
        return first.Length > 0 && any.Contains(first[0]);
    }
}
