using PatchKernel.Text;

namespace PatchKernel.Displays;

/// <summary>A table of HTML.</summary>
internal static class HtmlTable
{
    /// <summary>A table.</summary>
    /// <param name="columns">From left to right.</param>
    /// <param name="rows">From top to bottom, a cell of HTML for each column.</param>
    public static string Of(IReadOnlyList<Column> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        var head = Row("th", [.. columns.Select(column => Html.Text(column.Title))]);
        return $"<table style=\"border-collapse:collapse\"><thead>{head}</thead><tbody>{string.Concat(rows.Select(row => Row("td", row)))}</tbody></table>";

        string Row(string tag, IReadOnlyList<string> cells) => $"<tr>{string.Concat(columns.Zip(cells, (column, cell) => $"<{tag} style=\"{column.Style}\">{cell}</{tag}>"))}</tr>";
    }

    /// <summary>A row of texts.</summary>
    public static IReadOnlyList<string> Texts(params IEnumerable<string> texts) => [.. texts.Select(Html.Text)];
}

/// <summary>A column of a table.</summary>
/// <param name="Title">What is in it.</param>
/// <param name="IsFigure">Whether it holds figures, which stand right.</param>
/// <param name="Wraps">Whether its texts may be broken into lines; else every blank counts.</param>
internal sealed record Column(string Title, bool IsFigure = false, bool Wraps = false)
{
    /// <summary>The style of its cells.</summary>
    public string Style => $"padding:1px 14px 1px 0;border:0;background:none;vertical-align:top;text-align:{(IsFigure ? "right" : "left")}{(Wraps ? ";min-width:12em" : ";white-space:pre")}";
}
