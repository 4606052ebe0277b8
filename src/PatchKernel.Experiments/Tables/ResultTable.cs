using Microsoft.Data.Analysis;
using PatchKernel.Tables;

namespace PatchKernel;

/// <summary>A study's results, a row a cell and metric, in a file or in memory.</summary>
/// <remarks>
/// Of a file, <see cref="Rows"/> reads it anew each time, and holds one row group of a Parquet file, or one line of a CSV file. Parquet files open in pandas, Polars and
/// DuckDB with their types; in CSV files an empty field is nothing.
/// </remarks>
public sealed partial class ResultTable
{
    private readonly string name;
    private readonly bool windows;
    private readonly Lazy<long> count;

    private ResultTable(string name, IEnumerable<ResultRow> rows, bool windows, long? known) =>
        (this.name, Rows, this.windows, count) = (name, rows, windows, new(() => known ?? rows.LongCount()));

    /// <summary>The rows, in their order.</summary>
    public IEnumerable<ResultRow> Rows { get; }

    /// <summary>The number of rows.</summary>
    public long Count => count.Value;

    /// <summary>Opens a table, Parquet or CSV by what is in the file, whoever wrote it last. Further columns are left out.</summary>
    /// <exception cref="PatchKernelException">It can't be read, or isn't a table of results.</exception>
    public static ResultTable Load(string path)
    {
        var (columns, known) = TableReader.Head(path, ResultColumns.Kind, ResultColumns.Needed);
        return new(path, TableReader.Read(path, ResultColumns.Kind, ResultColumns.Needed, ResultColumns.Read), columns.Contains("window"), known);
    }

    /// <summary>A table of rows that are in memory.</summary>
    public static ResultTable Of(IReadOnlyList<ResultRow> rows) => new("results", rows, rows.Any(row => row.Window != 1), rows.Count);

    /// <summary>Writes the table, Parquet or CSV by the file's extension. The same rows give the same bytes.</summary>
    /// <exception cref="PatchKernelException">The extension is another one, or the path can't be written.</exception>
    public void Save(string path) => TableFile.Write(path, ResultColumns.Of(windows), Rows.Chunk(TableFile.GroupSize));

    /// <summary>The table as a data frame; all of it is in memory then.</summary>
    public DataFrame ToDataFrame() => Frames.Of(ResultColumns.Of(windows), [.. Rows]);

    /// <summary>The number of rows.</summary>
    public override string ToString() => FormattableString.Invariant($"{name}: {Count:N0} rows");
}
