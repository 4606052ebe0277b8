using PatchKernel.Text;
using Spectre.Console;

namespace PatchKernel.Cli;

/// <summary>Tables in the terminal, where some characters take two cells.</summary>
internal static class Tables
{
    /// <summary>Writes rows, the head first.</summary>
    public static void Table(this Terminal terminal, IReadOnlyList<string[]> rows)
    {
        foreach (var line in TextTable.Lines(rows, width: text => text.GetCellWidth())) terminal.Line(line);
    }
}
