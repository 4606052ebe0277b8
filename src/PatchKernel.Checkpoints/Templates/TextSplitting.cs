namespace PatchKernel.Templates;

/// <summary>Python's split, splitlines and partition.</summary>
internal static class TextSplitting
{
    /// <summary>Calls one of them.</summary>
    public static Sequence Call(string text, string name, Arguments arguments, Rendering rendering)
    {
        if (name is "partition" or "rpartition") return Partition(text, Separator(arguments.Bind(name, "sep")[0]), name == "rpartition", rendering);
        if (name == "splitlines") return Counted(Lines(text, Values.IsTrue(arguments.Bind(name, "keepends").Or(0, false))), rendering);
        var bound = arguments.Bind(name, "sep", "maxsplit");
        var most = Values.Whole(bound.Or(1, -1L)) is var given && (given < 0 || given > int.MaxValue - 2) ? int.MaxValue - 2 : (int)given;
        if (bound.Or(0, null) is null) return Counted(name == "split" ? Words(text, most) : WordsFromEnd(text, most), rendering);
        var separator = Separator(bound[0]);
        rendering.Step((long)text.Length * separator.Length / 4096);
        return Counted(name == "split" ? text.Split(separator, most + 1) : FromEnd(text, separator, most), rendering);
    }

    /// <summary>The lines of a text, as Python has them.</summary>
    public static IEnumerable<string> Lines(string text, bool keepsEnds = false)
    {
        for (var at = 0; at < text.Length;)
        {
            var end = at;
            while (end < text.Length && text[end] is not ('\n' or '\r' or '\v' or '\f' or '\x1c' or '\x1d' or '\x1e' or '\x85' or '\u2028' or '\u2029')) end++;
            var next = end + (end + 1 < text.Length && text[end] == '\r' && text[end + 1] == '\n' ? 2 : 1);
            next = Math.Min(next, text.Length);
            yield return text[at..(keepsEnds ? next : end)];
            at = next;
        }
    }

    private static string Separator(object? given) => Values.Text(given) is { Length: > 0 } separator ? separator : throw TemplateError.Failed("empty separator");

    private static Sequence Counted(IEnumerable<string> parts, Rendering rendering)
    {
        var list = new List<object?>();
        foreach (var part in parts)
        {
            rendering.Take(part.Length + 16L);
            list.Add(part);
        }
        return new(list);
    }

    private static Sequence Partition(string text, string separator, bool last, Rendering rendering)
    {
        rendering.Take(text.Length);
        rendering.Step((long)text.Length * separator.Length / 4096);
        var at = last ? text.LastIndexOf(separator, StringComparison.Ordinal) : text.IndexOf(separator, StringComparison.Ordinal);
        if (at < 0) return last ? Sequence.Tuple("", "", text) : Sequence.Tuple(text, "", "");
        return Sequence.Tuple(text[..at], separator, text[(at + separator.Length)..]);
    }

    private static IEnumerable<string> Words(string text, int most)
    {
        var at = 0;
        for (var splits = 0; ; splits++)
        {
            while (at < text.Length && PythonText.IsSpace(text[at])) at++;
            if (at == text.Length) yield break;
            if (splits == most)
            {
                yield return text[at..];
                yield break;
            }
            var end = at;
            while (end < text.Length && !PythonText.IsSpace(text[end])) end++;
            yield return text[at..end];
            at = end;
        }
    }

    private static List<string> WordsFromEnd(string text, int most)
    {
        var (words, end) = (new List<string>(), text.Length);
        for (var splits = 0; ; splits++)
        {
            while (end > 0 && PythonText.IsSpace(text[end - 1])) end--;
            if (end == 0) break;
            var start = end;
            while (splits < most && start > 0 && !PythonText.IsSpace(text[start - 1])) start--;
            words.Add(splits == most ? text[..end] : text[start..end]);
            if (splits == most) break;
            end = start;
        }
        words.Reverse();
        return words;
    }

    private static List<string> FromEnd(string text, string separator, int most)
    {
        var (parts, end) = (new List<string>(), text.Length);
        while (parts.Count < most && end > 0 && text.LastIndexOf(separator, end - 1, StringComparison.Ordinal) is var at && at >= 0 && at + separator.Length <= end)
        {
            parts.Add(text[(at + separator.Length)..end]);
            end = at;
        }
        parts.Add(text[..end]);
        parts.Reverse();
        return parts;
    }
}
