namespace PatchKernel.Cli;

/// <summary>Scored edges in the terminal and as a chart.</summary>
/// <param name="scored">All of them.</param>
/// <param name="check">Those that were computed exactly too; null for none.</param>
/// <param name="top">How many are shown.</param>
internal sealed class EdgeView(ScoredGraph scored, EstimateCheck? check, int top)
{
    private readonly ScoredEdge[] strongest = [.. scored.Edges.OrderByDescending(edge => Math.Abs(edge.Score)).Take(top)];

    /// <summary>The strongest edges, what the scores are, and how far estimates are off.</summary>
    public void Show(Terminal terminal)
    {
        var (errors, exact) = (strongest.Any(edge => edge.StandardError is not null), strongest.Any(edge => edge.Exact is not null));
        terminal.Line();
        terminal.Table([Cells("sender", "receiver", "score", "± error", "exact"), .. strongest.Select(edge => Cells(
            edge.Edge.Sender, edge.Edge.Receiver, Number(edge.Score), edge.StandardError is { } error ? FormattableString.Invariant($"{error:0.0000}") : "", edge.Exact is { } known ? Number(known) : ""))]);
        foreach (var line in scored.Caption) terminal.Prose(line);
        if (check is not null)
            foreach (var line in check.As(scored).ToString().Split('\n')) terminal.Prose($"Checked: {line}");

        string[] Cells(string sender, string receiver, string score, string error, string known) => [sender, receiver, score, .. errors ? (string[])[error] : [], .. exact ? (string[])[known] : []];
    }

    /// <summary>The estimate against the exact effect, or the strongest edges as a graph.</summary>
    public ResultChart Chart(string? font) => check is not null
        ? AgreementChart.Draw(scored, check, new() { Font = font })
        : CircuitChart.Draw(scored with { Edges = strongest }, new() { Font = font });

    private static string Number(float score) => FormattableString.Invariant($"{score:+0.0000;-0.0000;0.0000}");
}
