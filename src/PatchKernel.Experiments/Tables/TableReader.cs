using PatchKernel.Text;

namespace PatchKernel.Tables;

/// <summary>Reads a table's rows by the names of their columns.</summary>
/// <param name="path">The file.</param>
/// <param name="rows">Its rows.</param>
/// <param name="kind">What it should be, such as <c>a table of results</c>.</param>
internal sealed class TableReader(string path, ITableRows rows, string kind)
{
    private readonly Dictionary<string, int> places = Places(rows.Columns);
    private readonly HashSet<string> known = []; // most texts of a table stand in it many times

    /// <summary>Opens a file, and checks that it has some columns.</summary>
    /// <exception cref="PatchKernelException">It can't be read, or a column is missing.</exception>
    public static IEnumerable<TRow> Read<TRow>(string path, string kind, IEnumerable<string> needed, Func<TableReader, TRow> read)
    {
        using var rows = TableFile.Open(path);
        var reader = new TableReader(path, rows, kind);
        reader.Check(needed);
        while (rows.Next()) yield return read(reader);
    }

    /// <summary>The names of a file's columns, after the same check, and the number of its rows where that is known.</summary>
    /// <exception cref="PatchKernelException">It can't be read, or a column is missing.</exception>
    public static (IReadOnlyList<string> Columns, long? Count) Head(string path, string kind, IEnumerable<string> needed)
    {
        using var rows = TableFile.Open(path);
        new TableReader(path, rows, kind).Check(needed);
        return (rows.Columns, rows.Count);
    }

    /// <summary>Whether there is a column.</summary>
    public bool Has(string column) => places.ContainsKey(column);

    /// <summary>A text; null for nothing.</summary>
    public string? TextOrNull(string column)
    {
        if (!places.TryGetValue(column, out var place) || rows.Text(place) is not { } text) return null;
        if (known.TryGetValue(text, out var same)) return same;
        known.Add(text);
        return text;
    }

    /// <summary>A text, which may be empty.</summary>
    public string Text(string column) => TextOrNull(column) ?? "";

    /// <summary>A number; null for nothing.</summary>
    public double? NumberOrNull(string column)
    {
        if (!places.TryGetValue(column, out var place)) return null;
        try
        {
            return rows.Number(place);
        }
        catch (FormatException)
        {
            throw Fault(column, "isn't a number");
        }
    }

    /// <summary>A number.</summary>
    public double Number(string column) => NumberOrNull(column) ?? throw Fault(column, "isn't a number");

    /// <summary>A whole number; null for nothing.</summary>
    public int? WholeOrNull(string column) => NumberOrNull(column) switch
    {
        null or double.NaN => null, // which is how pandas writes nothing among whole numbers
        { } number when number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue => (int)number,
        _ => throw Fault(column, "isn't a whole number"),
    };

    /// <summary>A whole number.</summary>
    public int Whole(string column) => WholeOrNull(column) ?? throw Fault(column, "isn't a whole number");

    private void Check(IEnumerable<string> needed)
    {
        var missing = needed.FirstOrDefault(column => !Has(column));
        if (missing is not null) throw new PatchKernelException($"'{path}' isn't {kind}: it has no column \"{missing}\".");
    }

    private PatchKernelException Fault(string column, string what) =>
        new($"'{path}', {rows.Place}: {Quoted.Text(Excerpt.Text(Text(column)))} in the column \"{column}\" {what}.");

    private static Dictionary<string, int> Places(IReadOnlyList<string> columns)
    {
        var places = new Dictionary<string, int>();
        for (var i = 0; i < columns.Count; i++) places.TryAdd(columns[i], i);
        return places;
    }
}
