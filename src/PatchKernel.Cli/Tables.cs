using PatchKernel.Text;
using Spectre.Console;

namespace PatchKernel.Cli;

/// <summary>Tables in the terminal, where some characters take two cells.</summary>
internal static class Tables
{
    private const int Gap = 2;

    /// <summary>Writes rows, the head first; where the terminal is narrower than the table, cells take several lines and are broken at the end of words.</summary>
    public static void Table(this Terminal terminal, IReadOnlyList<string[]> rows)
    {
        var fitting = terminal.Width is { } width ? Fitted([.. rows.Select(row => row.Select(PlainText.Of).ToArray())], width) : rows;
        foreach (var line in TextTable.Lines(fitting, width: text => text.GetCellWidth())) terminal.Line(line);
    }

    private static List<string[]> Fitted(IReadOnlyList<string[]> rows, int room)
    {
        var widths = Widths(rows, text => text.GetCellWidth());
        var least = Widths(rows, WordWrap.Longest);
        while (widths.Sum() + Gap * (widths.Length - 1) > room)
        {
            var widest = Enumerable.Range(0, widths.Length).MaxBy(column => widths[column] > least[column] ? widths[column] : 0);
            if (widths[widest] <= least[widest]) break; // no word is broken
            widths[widest]--;
        }
        return [.. rows.SelectMany(row => Lines(row, widths))];
    }

    private static int[] Widths(IReadOnlyList<string[]> rows, Func<string, int> width) =>
        [.. rows[0].Select((_, column) => rows.Max(row => width(row[column])))];

    private static IEnumerable<string[]> Lines(string[] row, int[] widths)
    {
        var cells = row.Select((text, column) => WordWrap.Lines(text, widths[column]).ToArray()).ToArray();
        return Enumerable.Range(0, cells.Max(cell => cell.Length)).Select(line => cells.Select(cell => cell.ElementAtOrDefault(line) ?? "").ToArray());
    }
}
