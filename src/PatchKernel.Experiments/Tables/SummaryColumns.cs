namespace PatchKernel.Tables;

/// <summary>The columns of a summary.</summary>
internal static class SummaryColumns
{
    public const string Kind = "a study's summary";

    public static IReadOnlyList<TableColumn<SummaryRow>> All { get; } =
    [
        new TextColumn<SummaryRow>("model", row => row.Model),
        new TextColumn<SummaryRow>("site", row => row.Site),
        new TextColumn<SummaryRow>("direction", row => row.Direction),
        new TextColumn<SummaryRow>("source", row => row.Source),
        new ValueColumn<SummaryRow, int>("window", row => row.Window),
        new ValueColumn<SummaryRow, int>("layer", row => row.Layer),
        new ValueColumn<SummaryRow, int>("pos", row => row.Pos, isRequired: false),
        new TextColumn<SummaryRow>("role", row => row.Role, isRequired: false),
        new ValueColumn<SummaryRow, int>("head", row => row.Head, isRequired: false),
        new TextColumn<SummaryRow>("metric", row => row.Metric),
        new TextColumn<SummaryRow>("by", row => row.By, isRequired: false),
        new TextColumn<SummaryRow>("group", row => row.Group, isRequired: false),
        new ValueColumn<SummaryRow, int>("pairs", row => row.Pairs),
        new ValueColumn<SummaryRow, double>("mean", row => row.Mean, isRequired: false),
        new ValueColumn<SummaryRow, double>("standard_error", row => row.StandardError, isRequired: false),
        new ValueColumn<SummaryRow, double>("low", row => row.Low, isRequired: false),
        new ValueColumn<SummaryRow, double>("high", row => row.High, isRequired: false),
        new ValueColumn<SummaryRow, double>("mean_value", row => row.MeanValue, isRequired: false),
    ];

    public static IEnumerable<string> Needed => All.Select(column => column.Name);

    public static SummaryRow Read(TableReader row) => new()
    {
        Model = row.Text("model"),
        Site = row.Text("site"),
        Direction = row.Text("direction"),
        Source = row.Text("source"),
        Window = row.Whole("window"),
        Layer = row.Whole("layer"),
        Pos = row.WholeOrNull("pos"),
        Role = row.TextOrNull("role"),
        Head = row.WholeOrNull("head"),
        Metric = row.Text("metric"),
        By = row.TextOrNull("by"),
        Group = row.TextOrNull("by") is null ? null : row.Text("group"),
        Pairs = row.Whole("pairs"),
        Mean = row.NumberOrNull("mean"),
        StandardError = row.NumberOrNull("standard_error"),
        Low = row.NumberOrNull("low"),
        High = row.NumberOrNull("high"),
        MeanValue = row.NumberOrNull("mean_value"),
    };
}
