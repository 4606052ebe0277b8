using System.Text;
using PatchKernel.Files;

namespace PatchKernel.Tables;

/// <summary>Tables in files.</summary>
internal static class TableFile
{
    /// <summary>Rows of a row group, where nobody says what belongs together.</summary>
    public const int GroupSize = 100_000;

    private const string CsvExtension = ".csv", ParquetExtension = ".parquet";
    private static readonly byte[] ParquetStart = Encoding.ASCII.GetBytes("PAR1");

    /// <summary>Writes groups of rows as CSV or Parquet, by the file's extension; a group is a Parquet file's row group.</summary>
    /// <exception cref="PatchKernelException">The extension is another one, or the path can't be written.</exception>
    public static void Write<TRow>(string path, IReadOnlyList<TableColumn<TRow>> columns, IEnumerable<IReadOnlyList<TRow>> groups)
    {
        var extension = Path.GetExtension(path).ToLowerInvariant();
        if (extension is not (CsvExtension or ParquetExtension))
            throw new PatchKernelException($"Cannot write the table '{path}': its name should end in {ParquetExtension} or {CsvExtension}.");
        AtomicFile.Write(path, stream =>
        {
            if (extension == CsvExtension) CsvTable.Write(stream, columns, groups);
            else ParquetTable.Write(stream, columns, groups);
        });
    }

    /// <summary>Opens a table, Parquet or CSV by what is in the file.</summary>
    /// <exception cref="PatchKernelException">It can't be read, or is neither.</exception>
    public static ITableRows Open(string path) => IsParquet(path) ? new ParquetRows(path) : new CsvTableRows(path);

    private static bool IsParquet(string path)
    {
        using var stream = InputFile.Open(path);
        var head = new byte[ParquetStart.Length];
        return stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && head.AsSpan().SequenceEqual(ParquetStart);
    }
}
