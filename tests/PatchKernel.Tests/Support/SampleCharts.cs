using PatchKernel.Tests.Experiments.Tables;

namespace PatchKernel.Tests;

/// <summary>Every kind of chart, and several heatmaps in every arrangement, with tokens of twenty letters.</summary>
internal static class SampleCharts
{
    private static readonly Activation[] Sites = [Activation.ResidPost, Activation.AttnOut, Activation.MlpOut];

    private static readonly Dictionary<string, Func<ResultChart>> All = new()
    {
        ["one"] = () => Heatmap.Draw(Long("einstein", 8)),
        ["one-emoji"] = () => Heatmap.Draw(Long("🧑‍🚀🧑‍🚀", 8)),
        ["one-deep"] = () => Heatmap.Draw(SampleResults.Large(80, 200)),
        ["three"] = () => Heatmaps.Draw([.. Sites.Select(site => SampleResults.Small(site: site))]),
        ["three-long"] = () => Heatmaps.Draw([.. Sites.Select(site => Long("einstein", 8) with { Site = site })]),
        ["three-other-labels"] = () => Heatmaps.Draw(Long("one", 8), Long("two", 8), Long("three", 8)),
        ["eight"] = () => Heatmaps.Draw([.. Enumerable.Range(0, 8).Select(i => Long($"pair-number-{i}", 12))]),
        ["eight-one-prompt"] = () => Heatmaps.Draw([.. Enumerable.Range(0, 8).Select(i => SampleResults.Small(layers: 7 + i) with { Window = 2 * i + 1 })]),
        ["heads"] = () => Heatmaps.Draw([.. new[] { Activation.Q, Activation.Z, Activation.V }.Select(site => SampleResults.Heads(8, 4, site))]),
        ["heads-and-tokens"] = () => Heatmaps.Draw(Long("einstein", 8), SampleResults.Heads(8, 4, Activation.Z), SampleResults.Heads(8, 2, Activation.K)),
        ["roles"] = () => Heatmap.Draw(SampleResults.Roles()),
        ["roles-and-tokens"] = () => Heatmaps.Draw(Long("einstein", 7), SampleResults.Roles()),
        ["difference"] = () => DifferenceHeatmap.Draw(Long("one", 8), Long("two", 8)),
        ["average"] = () => AverageChart.Draw(Long("one", 30), Long("one", 30)),
        ["average-heads"] = () => AverageChart.Draw(SampleResults.Heads(8, 4, Activation.Z), SampleResults.Heads(8, 4, Activation.Z)),
        ["average-roles"] = () => AverageChart.Draw(SampleResults.Roles(), SampleResults.Roles()),
        ["attention"] = Attention,
        ["lens"] = Lens,
        ["circuit"] = () => SampleCircuits.Chart(SampleCircuits.Small, 200),
        ["circuit-mini"] = () => SampleCircuits.Chart(SampleCircuits.Mini, 20, withExact: true),
        ["circuit-deep"] = () => SampleCircuits.Chart(SampleCircuits.GraphOf(40, 32, 8), 300),
        ["agreement"] = SampleCircuits.Agreements,
        ["faithfulness"] = SampleCircuits.Faithfulness,
        ["bars"] = () => TokenBars.Draw(new Baseline(Run(1), Run(2))),
    };

    public static IEnumerable<string> Names => [.. All.Keys, .. SampleSummaries.Charts];

    public static ResultChart Of(string name) => All.TryGetValue(name, out var draw) ? draw() : SampleSummaries.Chart(name);

    /// <summary>Tokens of twenty letters, those of each pair its own.</summary>
    private static SweepResult Long(string pair, int layers)
    {
        var result = SampleResults.Small(layers: layers);
        string[] tokens = [.. result.Pair.Clean.Tokens!.Select((_, i) => $" {i}{pair}".PadRight(20, 'm')[..20])];
        return result with { Pair = result.Pair with { Name = pair, Clean = result.Pair.Clean with { Tokens = tokens } } };
    }

    private static RunSummary Run(int from) => new(6, 8, [.. Enumerable.Range(from, 5).Select(i => new TokenLogit(i, $" Wordofmanyletters{i}", 10 - i))]) { LogSumExp = 10 };

    private static AttentionHeatmap Attention()
    {
        using var model = RandomModel.Create();
        using var run = model.RunWithCache(RandomModel.Pair.Clean, Activation.Pattern);
        return AttentionHeatmap.Draw(run, 0, 0);
    }

    private static ResultChart Lens()
    {
        using var model = RandomModel.Create();
        return LogitLensChart.Draw(LogitLens.Run(model, RandomModel.Pair));
    }
}
