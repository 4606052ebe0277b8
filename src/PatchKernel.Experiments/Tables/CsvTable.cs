using CsvHelper;

namespace PatchKernel.Tables;

/// <summary>Writes CSV as RFC 4180 has it, but for its line ends, which are <c>\n</c>: nothing is an empty field, and an empty text a pair of quotation marks.</summary>
internal static class CsvTable
{
    // What a spreadsheet would take for a formula stays as it is: it is data. Blanks at either end are a token's own.
    private static readonly CsvWriterOptions Options = new() { NewLine = "\n", Quoting = CsvQuoting.WhenNeededOrWhitespace };

    /// <summary>Writes groups of rows, and keeps none in memory.</summary>
    public static void Write<TRow>(Stream stream, IReadOnlyList<TableColumn<TRow>> columns, IEnumerable<IReadOnlyList<TRow>> groups)
    {
        using var csv = CsvWriter.Create(stream, Options, leaveOpen: true);
        foreach (var column in columns) csv.WriteField(column.Name);
        csv.EndRecord();
        foreach (var rows in groups)
        {
            foreach (var row in rows)
            {
                foreach (var column in columns) WriteField(csv, column.Text(row));
                csv.EndRecord();
            }
        }
    }

    private static void WriteField(CsvWriter csv, string? text)
    {
        if (text is "") csv.WriteField(text, CsvQuoting.Always);
        else csv.WriteField(text);
    }
}
