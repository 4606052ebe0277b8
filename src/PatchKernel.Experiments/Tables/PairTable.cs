using Microsoft.Data.Analysis;
using PatchKernel.Tables;

namespace PatchKernel;

/// <summary>A study's pairs: both unpatched runs of each, and the data's further columns.</summary>
public sealed partial class PairTable
{
    private readonly string name;

    private PairTable(string name, IReadOnlyList<PairRow> rows, IReadOnlyList<string> columns, IReadOnlyList<string> values) =>
        (this.name, Rows, Columns, Values) = (name, rows, columns, values);

    /// <summary>The rows, in their order.</summary>
    public IReadOnlyList<PairRow> Rows { get; }

    /// <summary>The data's further columns.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>The names of the values.</summary>
    public IReadOnlyList<string> Values { get; }

    /// <summary>Reads a table, Parquet or CSV by what is in the file, whoever wrote it last.</summary>
    /// <exception cref="PatchKernelException">It can't be read, or isn't a table of pairs.</exception>
    public static PairTable Load(string path)
    {
        var (names, _) = TableReader.Head(path, PairColumns.Kind, PairColumns.Needed);
        var (columns, values) = (PairColumns.FurtherIn(names), PairColumns.ValuesIn(names));
        return new(path, [.. TableReader.Read(path, PairColumns.Kind, PairColumns.Needed, row => PairColumns.Read(row, columns, values))], columns, values);
    }

    /// <summary>A table of rows.</summary>
    public static PairTable Of(IReadOnlyList<PairRow> rows) =>
        new("pairs", rows, [.. rows.SelectMany(row => row.Columns.Keys).Distinct()], [.. rows.SelectMany(row => row.Values.Keys).Distinct()]);

    /// <summary>Writes the table, Parquet or CSV by the file's extension. The same rows give the same bytes.</summary>
    /// <remarks>Each value has three columns, <c>clean_NAME</c>, <c>corrupt_NAME</c> and <c>gap_NAME</c>. A further column whose name is taken gets a <c>_</c> at its end.</remarks>
    /// <exception cref="PatchKernelException">The extension is another one, or the path can't be written.</exception>
    public void Save(string path) => TableFile.Write(path, PairColumns.Of(Columns, Values), Rows.Chunk(TableFile.GroupSize));

    /// <summary>The table as a data frame.</summary>
    public DataFrame ToDataFrame() => Frames.Of(PairColumns.Of(Columns, Values), Rows);

    /// <summary>The number of rows, and how many were answered.</summary>
    public override string ToString() => FormattableString.Invariant($"{name}: {Rows.Count:N0} pairs, {Rows.Count(row => row.Answered):N0} answered rightly in both runs");
}
