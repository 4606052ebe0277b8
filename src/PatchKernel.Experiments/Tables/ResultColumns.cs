namespace PatchKernel.Tables;

/// <summary>The columns of a table of results.</summary>
internal static class ResultColumns
{
    public const string Kind = "a table of results";

    private static readonly TableColumn<ResultRow>[] All =
    [
        new TextColumn<ResultRow>("model", row => row.Model),
        new TextColumn<ResultRow>("pair", row => row.Pair),
        new TextColumn<ResultRow>("site", row => row.Site),
        new TextColumn<ResultRow>("direction", row => row.Direction),
        new TextColumn<ResultRow>("source", row => row.Source),
        new ValueColumn<ResultRow, int>("layer", row => row.Layer),
        new ValueColumn<ResultRow, int>("pos", row => row.Pos, isRequired: false),
        new TextColumn<ResultRow>("token", row => row.Token, isRequired: false),
        new TextColumn<ResultRow>("role", row => row.Role, isRequired: false),
        new ValueColumn<ResultRow, int>("head", row => row.Head, isRequired: false),
        new TextColumn<ResultRow>("metric", row => row.Metric),
        new ValueColumn<ResultRow, float>("value", row => row.Value),
        new ValueColumn<ResultRow, float>("score", row => row.Score, isRequired: false),
    ];

    private static readonly TableColumn<ResultRow> Window = new ValueColumn<ResultRow, int>("window", row => row.Window);

    /// <summary>The columns.</summary>
    /// <param name="windows">Whether layers were patched together somewhere; else every window is 1, and not said.</param>
    public static IReadOnlyList<TableColumn<ResultRow>> Of(bool windows) => windows ? [.. All, Window] : All;

    /// <summary>The columns that a file must have.</summary>
    public static IEnumerable<string> Needed => All.Where(column => column.Name is not ("pos" or "token" or "role" or "head")).Select(column => column.Name);

    /// <summary>The current row of a file.</summary>
    public static ResultRow Read(TableReader row) => new(
        row.Text("model"), row.Text("pair"), row.Text("site"), row.Text("direction"), row.Text("source"), row.Whole("layer"), row.WholeOrNull("pos"), row.TextOrNull("token"),
        row.TextOrNull("role"), row.WholeOrNull("head"), row.Text("metric"), (float)(row.NumberOrNull("value") ?? double.NaN), (float?)row.NumberOrNull("score"))
    {
        Window = row.WholeOrNull("window") ?? 1,
    };
}
