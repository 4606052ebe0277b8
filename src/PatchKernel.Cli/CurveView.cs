namespace PatchKernel.Cli;

/// <summary>Faithfulness over the size of circuits, in the terminal and as a chart.</summary>
/// <param name="curve">The curve.</param>
/// <param name="model">The model's name.</param>
/// <param name="ranking">How edges were ranked.</param>
internal sealed class CurveView(FaithfulnessCurve curve, string model, string ranking)
{
    private bool HasIntervals => curve.Lower is not null;

    private bool HasRandom => curve.Random.Count > 0;

    private string[] Caption =>
    [
        FormattableString.Invariant($"{model}, {(curve.Pairs == 1 ? "one pair" : $"mean of {curve.Pairs:N0} pairs")} · ranked by {ranking}; other edges {CircuitTestResult.OtherEdges(curve.Source)}"),
        FormattableString.Invariant($"{curve.Metric.Name}: {curve.Whole:0.0000} in the whole model, {curve.Empty:0.0000} without any edge; CPR {curve.Cpr:0.0000}, CMD {curve.Cmd:0.0000}"),
    ];

    /// <summary>A line a size, and what was measured.</summary>
    public void Show(Terminal terminal)
    {
        terminal.Line();
        terminal.Table([Cells("share", "edges", "faithfulness", "95 % interval", "random circuits"), .. Enumerable.Range(0, curve.Shares.Count).Select(at => Cells(
            FormattableString.Invariant($"{100 * curve.Shares[at]:0.##} %"), FormattableString.Invariant($"{curve.Circuits[at].Count:N0}"), Number(curve.Faithfulness[at]),
            HasIntervals ? $"{Number(curve.Lower![at])} to {Number(curve.Upper![at])}" : "",
            HasRandom ? $"{Number(curve.Random.Min(draw => draw[at]))} to {Number(curve.Random.Max(draw => draw[at]))}" : ""))]);
        foreach (var line in Caption) terminal.Prose(line);

        string[] Cells(string share, string edges, string faithfulness, string interval, string random) =>
            [share, edges, faithfulness, .. HasIntervals ? (string[])[interval] : [], .. HasRandom ? (string[])[random] : []];
    }

    /// <summary>The curve with its interval, and the random circuits' mean with the lowest and highest of them.</summary>
    public ResultChart Chart(string? font) => FaithfulnessChart.Draw([(ranking, curve)], new() { Caption = Caption, Font = font });

    private static string Number(double value) => FormattableString.Invariant($"{value:0.000}");
}
