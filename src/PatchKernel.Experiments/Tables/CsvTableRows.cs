using System.Globalization;
using CsvHelper;
using PatchKernel.Files;

namespace PatchKernel.Tables;

/// <summary>The rows of a CSV file. An empty field is nothing, and a pair of quotation marks an empty text.</summary>
internal sealed class CsvTableRows : ITableRows
{
    private const int LongestRecord = 1 << 24;

    private readonly string path;
    private readonly CsvReader reader;

    public CsvTableRows(string path)
    {
        this.path = path;
        reader = CsvReader.Create(InputFile.Open(path), new CsvReaderOptions
        {
            Separator = ',',
            HasHeader = false,
            TrackLineNumbers = true,
            MalformedData = CsvMalformedDataHandling.Throw,
            MaxRecordSize = LongestRecord,
        });
        try
        {
            if (!Read()) throw new PatchKernelException($"'{path}' is empty: a table begins with its columns' names.");
            Columns = [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)];
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    public IReadOnlyList<string> Columns { get; }

    public long? Count => null;

    public string Place => FormattableString.Invariant($"line {reader.LineNumber}");

    public bool Next()
    {
        if (!Read()) return false;
        return reader.FieldCount == Columns.Count ? true
            : throw new PatchKernelException($"'{path}', {Place}, has {reader.FieldCount} fields where the first line has {Columns.Count} names: mend the line.");
    }

    public string? Text(int column) => reader.GetRawSpan(column).IsEmpty ? null : reader.GetString(column);

    public double? Number(int column) => Text(column) switch
    {
        null or "" => null,
        "true" or "True" or "TRUE" => 1,
        "false" or "False" or "FALSE" => 0,
        "inf" => double.PositiveInfinity, // as Python writes them
        "-inf" => double.NegativeInfinity,
        var text => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    public void Dispose() => reader.Dispose();

    private bool Read()
    {
        try
        {
            return reader.Read();
        }
        catch (CsvFormatException e)
        {
            throw new PatchKernelException(FormattableString.Invariant(
                $"'{path}', line {e.LineNumber}, can't be read as CSV: a quotation mark stands inside a field, or is never closed; put the field in quotation marks, and those inside twice."), e);
        }
        catch (IOException e)
        {
            throw new PatchKernelException($"'{path}' can't be read: {FileFault.Reason(path, e)}.", e);
        }
    }
}
