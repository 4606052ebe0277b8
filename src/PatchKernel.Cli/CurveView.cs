namespace PatchKernel.Cli;

/// <summary>Faithfulness over the size of circuits, in the terminal and as a chart.</summary>
/// <param name="curves">How edges were ranked, and the curve; of the same pairs and sizes. The first one has the random circuits.</param>
/// <param name="model">The model's name.</param>
internal sealed class CurveView(IReadOnlyList<(string Ranking, FaithfulnessCurve Curve)> curves, string model)
{
    private readonly FaithfulnessCurve first = curves[0].Curve;

    private string[] Caption =>
    [
        FormattableString.Invariant($"{model}, {(first.Pairs == 1 ? "one pair" : $"mean of {first.Pairs:N0} pairs")} · other edges {CircuitTestResult.OtherEdges(first.Source)}"),
        FormattableString.Invariant($"{first.Metric.Name}: {first.Whole:0.0000} in the whole model, {first.Empty:0.0000} without any edge"),
        .. curves.Select(each => FormattableString.Invariant($"{each.Ranking}: CPR {each.Curve.Cpr:0.0000}, CMD {each.Curve.Cmd:0.0000}")),
    ];

    /// <summary>A line a size and ranking, and what was measured.</summary>
    public void Show(Terminal terminal)
    {
        foreach (var (ranking, curve) in curves)
        {
            terminal.Line();
            if (curves.Count > 1) terminal.Prose(ranking);
            terminal.Table(Rows(curve));
        }
        foreach (var line in Caption) terminal.Prose(line);
    }

    /// <summary>Each curve with its interval, and the random circuits' mean with the lowest and highest of them.</summary>
    public ResultChart Chart(string? font) => FaithfulnessChart.Draw(curves, new() { Caption = Caption, Font = font });

    private static List<string[]> Rows(FaithfulnessCurve curve)
    {
        var (hasIntervals, hasRandom) = (curve.Lower is not null, curve.RandomCircuits.Count > 0);
        return
        [
            Cells("share", "edges", "faithfulness", "95 % interval", $"random {(curve.RandomCircuitsAreConnected ? "connected " : "")}circuits"),
            .. Enumerable.Range(0, curve.Shares.Count).Select(at => Cells(
                FormattableString.Invariant($"{100 * curve.Shares[at]:0.##} %"), FormattableString.Invariant($"{curve.Circuits[at].Count:N0}"), Number(curve.Faithfulness[at]),
                hasIntervals ? $"{Number(curve.Lower![at])} to {Number(curve.Upper![at])}" : "",
                hasRandom ? $"{Number(curve.RandomCircuits.Min(draw => draw[at]))} to {Number(curve.RandomCircuits.Max(draw => draw[at]))}" : "")),
        ];

        string[] Cells(string share, string edges, string faithfulness, string interval, string random) =>
            [share, edges, faithfulness, .. hasIntervals ? (string[])[interval] : [], .. hasRandom ? (string[])[random] : []];
    }

    private static string Number(double value) => GridLayout.Fixed((float)value, 3);
}
