using System.Text;
using System.Text.Unicode;
using CsvHelper;
using PatchKernel.Text;

namespace PatchKernel.Data;

/// <summary>Reads a table: the first line names the columns, and a field in quotes may go over several lines.</summary>
internal static class CsvRows
{
    private const int LongestRecord = 1 << 24;

    private static readonly string[] Signs = ["clean", "template", "clean_target"];

    /// <summary>The separator of a table: the one that makes the head's columns known ones.</summary>
    /// <param name="head">The file's beginning.</param>
    /// <param name="usual">The one that its name speaks for.</param>
    public static char SeparatorOf(ReadOnlySpan<byte> head, char usual)
    {
        var line = Encoding.UTF8.GetString(head[..(head.IndexOfAny((byte)'\n', (byte)'\r') is >= 0 and var end ? end : head.Length)]);
        return new[] { usual, ',', ';', '\t' }.FirstOrDefault(separator => line.Split(separator).Any(name => Signs.Contains(name.Trim('"'))), usual);
    }

    /// <summary>The rows; a record whose fields don't fit the head is a bad one.</summary>
    /// <exception cref="PatchKernelException">The head is bad.</exception>
    public static IEnumerable<RawRow> Read(string path, Stream stream, char separator)
    {
        var malformed = new Dictionary<long, CsvMalformedRecord>();
        using var csv = CsvReader.Create(stream, new CsvReaderOptions
        {
            Separator = separator,
            HasHeader = false,
            TrackLineNumbers = true,
            MaxRecordSize = LongestRecord,
            OnMalformedRecord = record => malformed.TryAdd(record.LineNumber, record),
        }, leaveOpen: true);
        if (!Next(csv, path)) yield break;
        var head = Head(csv, path, Fault());
        while (Next(csv, path)) yield return Fault() is { } fault ? RawRow.Bad((int)csv.LineNumber, fault) : Row(csv, head);

        string? Fault() => malformed.Remove(csv.LineNumber, out var record) ? FaultOf(record) : null;
    }

    private static bool Next(CsvReader csv, string path)
    {
        try
        {
            return csv.Read();
        }
        catch (CsvFormatException e)
        {
            throw new PatchKernelException($"{path}, line {e.LineNumber}: a row is longer than {LongestRecord >> 20} MB; a quote that isn't closed may be the reason.", e);
        }
    }

    private static RawRow Row(CsvReader csv, string[] head)
    {
        var line = (int)csv.LineNumber;
        if (csv.FieldCount != head.Length)
            return RawRow.Bad(line, $"it has {Excerpt.Count(csv.FieldCount, "field")}, and there are {head.Length} columns; put a field with a '{csv.Separator}' in it into quotes");
        var cells = new OrderedDictionary<string, DataCell>(head.Length);
        for (var i = 0; i < head.Length; i++)
        {
            if (!Utf8.IsValid(csv.GetSpan(i))) return RawRow.Bad(line, $"'{Excerpt.Text(head[i])}' isn't UTF-8 text");
            cells.Add(head[i], new(csv.GetString(i)));
        }
        return new(line, cells);
    }

    private static string FaultOf(CsvMalformedRecord record)
    {
        var line = record.LineNumber;
        var last = line + record.RawRecord.AsSpan().TrimEnd("\r\n").Count('\n');
        return record.Reason == CsvMalformedReason.UnterminatedQuote
            ? $"a quote is opened and not closed{(last > line ? $", so all up to line {last} is one row" : "")}; close it, or write a quote inside a field twice"
            : $"a quote stands inside a field{(last > line ? $" (the row goes to line {last})" : "")}; put such a field into quotes, and write the quote inside it twice";
    }

    private static string[] Head(CsvReader csv, string path, string? malformed)
    {
        string[] names = [.. Enumerable.Range(0, csv.FieldCount).Select(i => csv.GetString(i) is { Length: > 0 } name ? name : $"column{i + 1}")];
        try
        {
            if (malformed is not null) throw new RowFault(malformed);
            if (names.FirstOrDefault(name => char.IsWhiteSpace(name[0])) is { } indented)
                throw new RowFault($"the column '{Excerpt.Text(indented)}' begins with a blank; write none behind a '{csv.Separator}', since the prompts below would begin with it too");
            if (names.GroupBy(name => name).FirstOrDefault(same => same.Count() > 1) is { } twice) throw new RowFault($"there are two columns '{Excerpt.Text(twice.Key)}'");
            RowColumns.CheckHead(names);
            return names;
        }
        catch (RowFault fault)
        {
            throw new PatchKernelException($"{path}, line {csv.LineNumber}: {fault.Message}.", fault);
        }
    }
}
