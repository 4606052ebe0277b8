namespace PatchKernel.TableCharts;

/// <summary>One panel of a chart.</summary>
/// <param name="Heading">Its heading; null for a panel alone.</param>
/// <param name="Rows">Its rows of the summary.</param>
/// <param name="ShuffledApart">Whether shuffled pairs have a panel of their own.</param>
internal sealed record SummaryPanel(string? Heading, IReadOnlyList<SummaryRow> Rows, bool ShuffledApart)
{
    /// <summary>Its lines, in the order in which they came; heads and positions by number.</summary>
    public IReadOnlyList<SummaryLine> Lines { get; } =
        [.. Rows.Select(row => SummaryLine.Of(row, ShuffledApart)).Distinct().OrderBy(line => line.Role is null ? line.Pos : 0).ThenBy(line => line.Role is null ? line.Head : 0)];

    /// <summary>What its rows are.</summary>
    public string RowTitle => Rows[0] switch { { Role: not null, Head: not null } => "Role and Head", { Role: not null } => "Role", { Head: not null } => "Head", _ => "Position" };
}
