using System.Text.Json;
using PatchKernel.Text;

namespace PatchKernel.Data;

/// <summary>Reads the columns that have a meaning, and keeps the others as texts or spans.</summary>
internal sealed class RowReader
{
    private readonly Dictionary<string, int> lines = []; // of each row's name
    private readonly Dictionary<string, (bool Are, int Line)> areSpans = []; // of each further column, by its first value
    private readonly List<string> columns = [];

    /// <summary>Further columns' names, in the order in which they were met.</summary>
    public IReadOnlyList<string> Columns => columns;

    /// <summary>Reads a row.</summary>
    /// <exception cref="RowFault">It is bad.</exception>
    public DataRow Read(RawRow raw)
    {
        if (raw.Fault is { } fault) throw new RowFault(fault);
        var row = raw.Known ?? FromCells(raw);
        CheckTargets(row);
        if (row.Clean == row.Corrupt) throw new RowFault("its clean and its corrupt prompt are the same text; let them differ in the subject");
        if (!lines.TryAdd(row.Name, row.Line)) throw new RowFault($"there is a row '{Excerpt.Text(row.Name)}' already, on line {lines[row.Name]}; give each an id of its own");
        columns.AddRange(row.Columns.Keys.Except(columns).ToArray());
        return row;
    }

    private DataRow FromCells(RawRow raw)
    {
        var cells = raw.Cells;
        var (clean, corrupt, spans) = RowPrompts.Read(cells);
        var (cleanTargets, corruptTargets) = (Targets(cells, "clean"), Targets(cells, "corrupt"));
        var id = RowColumns.IdOf(cells);
        var kept = new Dictionary<string, string>();
        foreach (var (column, cell) in cells)
        {
            if (RowColumns.IsKnown(column, id)) continue;
            if (IsSpan(raw.Line, column, cell)) SpanCells.Add(spans, column, cell, clean, corrupt);
            else if (!areSpans.GetValueOrDefault(column).Are) kept.Add(column, cell.Kept);
        }
        return new DataRow
        {
            Line = raw.Line,
            Name = id is null || cells[id].IsEmpty ? $"row-{raw.Line}" : cells[id].Text,
            Clean = clean,
            Corrupt = corrupt,
            CleanTargets = cleanTargets,
            CorruptTargets = corruptTargets,
            Spans = spans,
            Columns = kept,
        };
    }

    /// <summary>Whether a value is a span; a column's values are all spans, or none is.</summary>
    private bool IsSpan(int line, string column, DataCell cell)
    {
        if (cell.IsEmpty || cell.IsEmptyList) return false;
        var isSpan = SpanCells.Looks(cell);
        if (!areSpans.TryGetValue(column, out var expected)) areSpans[column] = (isSpan, line);
        else if (expected.Are != isSpan)
            throw new RowFault($"'{Excerpt.Text(column)}' is {Excerpt.Text(cell.Text)}, and line {expected.Line} has {(expected.Are ? "ranges" : "no ranges")} there; write [[from, to], [from, to]] in all rows or in none");
        return isSpan;
    }

    private static IReadOnlyList<string> Targets(OrderedDictionary<string, DataCell> cells, string side)
    {
        var (one, several) = ($"{side}_target", $"{side}_targets");
        return (RowColumns.Find(cells, one), RowColumns.Find(cells, several)) switch
        {
            ({ } target, null) => target.Kind == JsonValueKind.Array ? target.AsTexts(one) : [target.AsText(one)],
            (null, { } targets) => targets.IsList ? targets.AsTexts(several) : throw new RowFault($"'{several}' is no list; write [\" A\", \" B\"], or call the column {one}"),
            (null, null) => throw RowColumns.Missing(cells, one, several),
            _ => throw new RowFault($"it has '{one}' and '{several}'; give one of them"),
        };
    }

    private static void CheckTargets(DataRow row)
    {
        if (row.CleanTargets.Count == 0 || row.CorruptTargets.Count == 0) throw new RowFault("it has no targets, and a sweep measures them");
        foreach (var targets in new[] { row.CleanTargets, row.CorruptTargets })
            if (targets.GroupBy(target => target).FirstOrDefault(same => same.Count() > 1) is { } twice) throw new RowFault($"the target {Quoted.Text(twice.Key)} is named twice; name it once");
        if (row.CleanTargets.Intersect(row.CorruptTargets).FirstOrDefault() is { } same) throw new RowFault($"{Quoted.Text(same)} is a clean and a corrupt target; choose answers that differ");
    }
}
