namespace PatchKernel.Data;

/// <summary>A row as its file has it.</summary>
/// <param name="Line">The line that it begins on, from 1.</param>
/// <param name="Cells">Each column's value, in the file's order.</param>
internal sealed record RawRow(int Line, OrderedDictionary<string, DataCell> Cells)
{
    /// <summary>Why it can't be read; null where it can.</summary>
    public string? Fault { get; init; }

    /// <summary>The finished row of a pair of a <c>prompts.json</c>; null elsewhere.</summary>
    public DataRow? Known { get; init; }

    /// <summary>A row that can't be read.</summary>
    public static RawRow Bad(int line, string why) => new(line, []) { Fault = why };
}
