using Spectre.Console;

namespace PatchKernel.Cli;

/// <summary>Columns of text; figures stand right, and no line is broken.</summary>
internal sealed class TextTable(params string[] header)
{
    private readonly List<string[]> rows = [header];

    public void Add(params string[] row) => rows.Add(row);

    public void Write(Terminal terminal)
    {
        var widths = header.Select((_, column) => rows.Max(row => row[column].GetCellWidth())).ToArray();
        foreach (var row in rows)
            terminal.Line(string.Join("  ", row.Select((text, column) => Padded(text, widths[column], column))).TrimEnd());
    }

    private string Padded(string text, int width, int column)
    {
        var space = new string(' ', width - text.GetCellWidth());
        return IsFigures(column) ? space + text : text + space;
    }

    private bool IsFigures(int column) => rows.Skip(1).All(row => row[column].All(c => char.IsAsciiDigit(c) || c is '.' or '-' or ','));
}
