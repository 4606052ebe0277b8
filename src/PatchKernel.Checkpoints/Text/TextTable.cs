namespace PatchKernel.Text;

/// <summary>Texts in columns, with two blanks between.</summary>
internal static class TextTable
{
    /// <summary>A line for each row; no line is broken.</summary>
    /// <param name="rows">The rows, the head first; each has a text for each column.</param>
    /// <param name="figures">The columns that stand right; by default those that have nothing but figures below the head.</param>
    /// <param name="width">How much room a text takes; by default its number of characters.</param>
    public static IEnumerable<string> Lines(IReadOnlyList<string[]> rows, IReadOnlyCollection<int>? figures = null, Func<string, int>? width = null)
    {
        width ??= text => text.Length;
        figures ??= [.. Enumerable.Range(0, rows[0].Length).Where(column => rows.Skip(1).All(row => IsFigure(row[column])))];
        var widths = rows[0].Select((_, column) => rows.Max(row => width(row[column]))).ToArray();
        return rows.Select(row => string.Join("  ", row.Select(Padded)).TrimEnd());

        string Padded(string text, int column)
        {
            var space = new string(' ', widths[column] - width(text));
            return figures.Contains(column) ? space + text : text + space;
        }
    }

    private static bool IsFigure(string text) => text.All(c => char.IsAsciiDigit(c) || c is '.' or '-' or ',');
}
