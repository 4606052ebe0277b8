using System.Globalization;
using Microsoft.Data.Analysis;
using PatchKernel.Displays;
using PatchKernel.Text;

namespace PatchKernel.Tables;

/// <summary>Data frames, and how tables show themselves in notebooks.</summary>
internal static class Frames
{
    private const int Shown = 12, LongestText = 48;

    /// <summary>A table as a data frame.</summary>
    public static DataFrame Of<TRow>(IReadOnlyList<TableColumn<TRow>> columns, IReadOnlyList<TRow> rows) => new(columns.Select(column => column.ToFrame(rows)));

    /// <summary>A data frame's first rows.</summary>
    public static string ToHtml(DataFrame frame) => Table(
        FormattableString.Invariant($"{frame.Rows.Count:N0} rows, {frame.Columns.Count} columns"),
        [.. frame.Columns.Select(column => new Column(column.Name, column.IsNumericColumn()))],
        frame.Rows.Take(Shown).Select(row => row.Select(Text)), frame.Rows.Count);

    /// <summary>A table's first rows.</summary>
    public static string ToHtml<TRow>(string title, IReadOnlyList<TableColumn<TRow>> columns, IEnumerable<TRow> rows, long count) => Table(
        title, [.. columns.Select(column => new Column(column.Name, column.IsFigure))], rows.Take(Shown).Select(row => columns.Select(column => column.Text(row) ?? "")), count);

    private static string Table(string title, Column[] columns, IEnumerable<IEnumerable<string>> rows, long count) => Html.Frame(
        Html.Line(Html.Text(title), Html.Quiet),
        // What scrolls must be in reach of the keyboard.
        $"<div role=\"region\" aria-label=\"{Html.Text(title)}\" tabindex=\"0\" style=\"overflow-x:auto\">{HtmlTable.Of(columns, rows.Select(row => HtmlTable.Texts(row.Select(Short))))}</div>",
        count > Shown ? Html.Line(Html.Text(FormattableString.Invariant($"and {count - Shown:N0} more")), Html.Quiet) : "");

    private static string Text(object? value) => value switch
    {
        null => "",
        bool truth => truth ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => $"{value}",
    };

    // Prompts have lines, and tokens blanks.
    private static string Short(string text) => PlainText.Of(text.Length <= LongestText ? text : $"{text[..LongestText]}…");
}
