namespace PatchKernel;

/// <summary>What a sweep takes, as a table of two columns: all weights in memory, and streamed.</summary>
internal static class CostTable
{
    private const string Cell = "padding:1px 18px 1px 0;border:0;background:none;white-space:nowrap;text-align:";

    // Of what, and how: the first is written once for the rows that share it.
    private const int Labels = 2;

    private static readonly string[] Head = ["", "", "resident", "streamed"];

    public static string Text(SweepCost cost)
    {
        string[][] rows = [Head, .. Rows(cost)];
        var widths = Head.Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        var lines = rows.Select(row => string.Join("  ", row.Select((text, column) => column < Labels ? text.PadRight(widths[column]) : text.PadLeft(widths[column]))));
        return string.Join('\n', [.. Title(cost), .. lines]);
    }

    public static string Html(SweepCost cost)
    {
        var rows = string.Concat(Rows(cost).Prepend(Head).Select(row => $"<tr>{string.Concat(row.Select(CellOf))}</tr>"));
        return PatchKernel.Html.Frame(
            [.. Title(cost).Select(line => PatchKernel.Html.Line(PatchKernel.Html.Text(line))), $"<table style=\"border-collapse:collapse\"><tbody>{rows}</tbody></table>"]);
    }

    private static string CellOf(string text, int column) =>
        $"<td style=\"{Cell}{(column < Labels ? "left" : "right")}\">{PatchKernel.Html.Text(text)}</td>";

    private static string[] Title(SweepCost cost) =>
    [
        FormattableString.Invariant($"{cost.Model.Name}, {ModelTree.Of(cost.Model.Config).Parameters:N0} parameters: one sweep of {cost.Site.Name()} in {cost.Dtype},"),
        FormattableString.Invariant($"{cost.Tokens} tokens, first difference at {cost.FirstDifference}, {cost.Cells:N0} cells"),
    ];

    private static IEnumerable<string[]> Rows(SweepCost cost)
    {
        yield return Row("memory", "weights", footprint => footprint.Weights);
        yield return Row("", "the sweep's own", footprint => footprint.Workspace);
        yield return Row("", "the process", footprint => footprint.Process);
        yield return Row("", "in all", footprint => footprint.Memory);
        yield return Row("disk", "checkpoint", _ => cost.Model.StoredBytes);
        yield return Row("", "read to load", footprint => footprint.ReadToLoad);
        yield return Row("", "read a sweep", footprint => footprint.ReadPerSweep);
        yield return ["work", "wavefront", FlopCount.Text(cost.Flop), FlopCount.Text(cost.Flop)];
        yield return ["", "one forward a cell", FlopCount.Text(cost.NaiveFlop), FlopCount.Text(cost.NaiveFlop)];

        string[] Row(string what, string name, Func<SweepFootprint, long> of) =>
            [what, name, ByteCount.Text(of(cost.Resident)), ByteCount.Text(of(cost.Streamed))];
    }
}
