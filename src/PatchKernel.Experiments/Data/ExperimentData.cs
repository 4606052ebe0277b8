using PatchKernel.Data;
using PatchKernel.Files;
using PatchKernel.Text;

namespace PatchKernel;

/// <summary>Prompt pairs out of a file: one row a pair, <c>.jsonl</c>, <c>.csv</c>, or a <c>prompts.json</c>.</summary>
/// <remarks>
/// A row has <c>clean</c> and <c>corrupt</c>, or a <c>template</c> and what stands in its places, and the targets; the documentation's page on data says it all.
/// Texts are taken as they stand, leading blanks included.
/// </remarks>
public sealed partial class ExperimentData
{
    private const int ShownColumns = 10;

    private ExperimentData(string path, DataSelection selection, DataFile file, RowReader reader, IReadOnlyList<DataRow> all, IReadOnlyList<SkippedRow> skipped)
    {
        (Path, Hash, Skipped, Total) = (path, file.Hash, skipped, all.Count + skipped.Count);
        if (selection.Split is not null && reader.Columns.Contains(RowDraw.SplitColumn))
            throw new PatchKernelException($"'{path}' has a column {RowDraw.SplitColumn} already; leave the split out, or give the column another name.");
        Columns = selection.Split is null ? reader.Columns : [.. reader.Columns, RowDraw.SplitColumn];
        Rows = RowDraw.Of([.. all.Select(row => row with { Columns = Filled(row, reader.Columns) })], selection, path);
    }

    /// <summary>The file it came from.</summary>
    public string Path { get; }

    /// <summary>The rows that were chosen, in the file's order.</summary>
    public IReadOnlyList<DataRow> Rows { get; }

    /// <summary>Bad rows that were left out; empty unless the selection asked for that.</summary>
    public IReadOnlyList<SkippedRow> Skipped { get; }

    /// <summary>Further columns' names, in the file's order; every row has all of them.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>SHA-256 of the file, in hexadecimal digits.</summary>
    public string Hash { get; }

    /// <summary>How many rows the file has, bad ones and those that weren't chosen included.</summary>
    public int Total { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file; its format is told by its ending and its content.</param>
    /// <param name="selection">Which rows are taken; all by default, and then a bad one is an error.</param>
    /// <exception cref="PatchKernelException">The file can't be read or has no row, a row is bad, or the selection is out of range; the message has the line.</exception>
    public static ExperimentData Load(string path, DataSelection? selection = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        selection ??= new DataSelection();
        RowDraw.Check(selection);
        try
        {
            using var file = DataFile.Open(path);
            return Read(path, selection, file);
        }
        catch (IOException e)
        {
            throw new PatchKernelException($"'{path}' can't be read: {FileFault.Reason(path, e)}.", e);
        }
    }

    /// <summary>What can be said of the chosen rows before a model runs: targets of several tokens, roles that a row lacks, lengths that don't agree.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="roles">The roles to patch by; null for a sweep of positions, whose prompts have to be of one length.</param>
    /// <returns>The findings, row by row; empty where all is well. A sweep refuses a row with an error.</returns>
    public IEnumerable<RowFinding> Check(Tokenizer tokenizer, IReadOnlyList<TokenRole>? roles = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return Rows.SelectMany(row => RowCheck.Of(row, tokenizer, roles).Findings.Select(finding => new RowFinding(row, finding)));
    }

    /// <summary>The file, how many rows were chosen and left out, and the further columns.</summary>
    public override string ToString() => $"{Path}: {(Rows.Count == Total ? Excerpt.Count(Total, "row") : $"{Rows.Count} of {Excerpt.Count(Total, "row")}")}"
        + (Skipped.Count > 0 ? $", {Skipped.Count} bad" : "")
        + (Columns.Count > 0 ? $"; columns {string.Join(", ", Columns.Take(ShownColumns))}{(Columns.Count > ShownColumns ? " …" : "")}" : "");

    private static ExperimentData Read(string path, DataSelection selection, DataFile file)
    {
        var (reader, rows, skipped) = (new RowReader(), new List<DataRow>(), new List<SkippedRow>());
        foreach (var raw in file.Rows())
            try
            {
                rows.Add(reader.Read(raw));
            }
            catch (RowFault fault)
            {
                if (!selection.SkipBad) throw new PatchKernelException($"{path}, line {raw.Line}: {fault.Message}.", fault);
                skipped.Add(new(raw.Line, fault.Message));
            }
        if (rows.Count > 0) return new(path, selection, file, reader, rows, skipped);
        throw new PatchKernelException(skipped is [var first, ..]
            ? $"'{path}' has {Excerpt.Count(skipped.Count, "row")} and none is good; line {first.Line}: {first.Reason}."
            : $"'{path}' has no rows; write one for each pair.");
    }

    private static IReadOnlyDictionary<string, string> Filled(DataRow row, IReadOnlyList<string> columns) =>
        row.Columns.Count == columns.Count ? row.Columns : columns.ToDictionary(column => column, column => row.Columns.GetValueOrDefault(column, ""));
}
