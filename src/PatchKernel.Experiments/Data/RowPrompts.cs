using PatchKernel.Prompts;
using PatchKernel.Text;

namespace PatchKernel.Data;

/// <summary>Reads a row's two prompts: as they stand, or out of a template.</summary>
internal static class RowPrompts
{
    /// <summary>The prompts, and the template's spans.</summary>
    /// <exception cref="RowFault">Something is missing, or given twice.</exception>
    public static (string Clean, string Corrupt, Dictionary<string, (TextRange Clean, TextRange Corrupt)> Spans) Read(OrderedDictionary<string, DataCell> cells)
    {
        var (clean, corrupt) = (RowColumns.Find(cells, "clean"), RowColumns.Find(cells, "corrupt"));
        if (RowColumns.Find(cells, "template") is { } template)
            return clean is null && corrupt is null ? FromTemplate(cells, new(template.AsText("template")))
                : throw new RowFault("it has a 'template' and whole prompts too; give one of them");
        return (Text(clean, "clean"), Text(corrupt, "corrupt"), []);

        string Text(DataCell? cell, string column) => cell?.AsText(column) ?? throw RowColumns.Missing(cells, column);
    }

    /// <summary>Two prompts of one template, and the spans that they share.</summary>
    /// <exception cref="RowFault">A span's name means something else.</exception>
    public static (string Clean, string Corrupt, Dictionary<string, (TextRange Clean, TextRange Corrupt)> Spans) Both(SpannedText clean, SpannedText corrupt)
    {
        var spans = new Dictionary<string, (TextRange, TextRange)>();
        foreach (var (name, range) in clean.Spans)
            if (corrupt.Spans.TryGetValue(name, out var other)) SpanCells.Add(spans, name, (range, other));
        return (clean.Text, corrupt.Text, spans);
    }

    private static (string, string, Dictionary<string, (TextRange, TextRange)>) FromTemplate(OrderedDictionary<string, DataCell> cells, PromptTemplate template)
    {
        if (template.Doubled is { } doubled) throw new RowFault($"the template has {Excerpt.Text(doubled)}; write a place in single braces, as {{subject}}");
        if (template.Spaced.FirstOrDefault(spaced => HasFiller(cells, spaced.Name)) is { Text: { } spaced, Name: var name })
            throw new RowFault($"the template has {Excerpt.Text(spaced)}, which blanks make text; write the place as {{{name}}}");
        if (template.Places.Count == 0) throw new RowFault("the template has no place, such as {subject}, so both prompts would be the same");
        var fillers = template.Places.ToDictionary(place => place, place => FillersOf(cells, place));
        return Both(template.Fill(fillers.ToDictionary(each => each.Key, each => each.Value.Clean)), template.Fill(fillers.ToDictionary(each => each.Key, each => each.Value.Corrupt)));
    }

    private static bool HasFiller(OrderedDictionary<string, DataCell> cells, string place) => cells.ContainsKey(place) || cells.ContainsKey($"clean_{place}") || cells.ContainsKey($"corrupt_{place}");

    /// <summary>What stands at a place: <c>clean_place</c> and <c>corrupt_place</c>, or <c>place</c> in both prompts.</summary>
    private static (Filler Clean, Filler Corrupt) FillersOf(OrderedDictionary<string, DataCell> cells, string place)
    {
        var (clean, corrupt) = ($"clean_{place}", $"corrupt_{place}");
        return (RowColumns.Find(cells, place), RowColumns.Find(cells, clean), RowColumns.Find(cells, corrupt)) switch
        {
            ({ } both, null, null) => (Filler.Of(place, both), Filler.Of(place, both)),
            (null, { } there, { } here) => (Filler.Of(clean, there), Filler.Of(corrupt, here)),
            (null, null, null) => throw new RowFault($"nothing stands at the template's {{{place}}}; give '{clean}' and '{corrupt}', or '{place}' for both{RowColumns.Near(place, cells.Keys)}"),
            (null, null, _) => throw RowColumns.Missing(cells, clean),
            (null, _, null) => throw RowColumns.Missing(cells, corrupt),
            _ => throw new RowFault($"'{place}' is for both prompts, and there is '{(RowColumns.Find(cells, clean) is null ? corrupt : clean)}' too; give one of them"),
        };
    }
}
