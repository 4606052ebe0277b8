namespace PatchKernel.Tests.Experiments.Tables;

/// <summary>Summaries of studies as they come out: roles, controls, groups, heads, two sites.</summary>
internal static class SampleSummaries
{
    private static readonly string[] ManyRoles = ["subject.last", "options[0].last", "options[1].last", "prefix", "last"];

    /// <summary>Names of every kind of chart of a summary.</summary>
    public static IEnumerable<string> Charts => All.Keys;

    /// <summary>A chart by its name.</summary>
    public static ResultChart Chart(string name) => All[name]();

    private static readonly Dictionary<string, Func<ResultChart>> All = new()
    {
        ["study-heatmap"] = () => StudyChart.Heatmap(Controlled(24)),
        ["study-curves"] = () => StudyChart.Curves(Controlled(24)),
        ["study-heatmap-relation"] = () => StudyChart.Heatmap(Controlled(24), new() { By = "relation" }),
        ["study-curves-relation"] = () => StudyChart.Curves(Controlled(24), new() { By = "relation" }),
        ["study-curves-six"] = () => StudyChart.Curves(Of(ManyRoles, ["other"], 16), new() { Roles = [.. ManyRoles.Reverse()] }),
        ["study-curves-sites"] = () => StudyChart.Curves(Of(["last"], ["other"], 16, "resid_post", "attn_out")),
        ["study-heads"] = () => StudyChart.Heatmap(Heads()),
        ["study-match"] = () => StudyChart.Curves(Controlled(24), new() { Metric = "match" }),
    };

    /// <summary>Two roles with both controls, in four relations, and a metric without scores.</summary>
    public static StudySummary Controlled(int layers) => Of(["subject.last", "last", "random"], ["other", "shuffled"], layers);

    /// <summary>A summary of roles and sources.</summary>
    public static StudySummary Of(string[] roles, string[] sources, int layers, params string[] sites)
    {
        var random = new Random(7);
        var rows =
            from pair in Enumerable.Range(0, 40)
            from site in sites.DefaultIfEmpty("resid_post")
            from source in sources
            from role in roles
            where role != "random" || source == "other"
            from layer in Enumerable.Range(0, layers)
            from metric in Metrics
            let score = Score(role, source, layer / (float)layers, pair % 4) + (float)(random.NextDouble() - 0.5) * 0.6f
            select new ResultRow("mini", $"pair-{pair}", site, "denoising", source, layer, 4, " x", role, null, metric, metric == "match" ? (score > 0.5 ? 1 : 0) : score * 4, metric == "match" ? null : score);
        return StudySummary.Of(ResultTable.Of([.. rows]), PairTable.Of([.. Enumerable.Range(0, 40).Select(pair => SampleTables.Pair with
        {
            Pair = $"pair-{pair}",
            Columns = new Dictionary<string, string> { ["relation"] = Relations[pair % 4] },
        })]));
    }

    private static readonly string[] Metrics = ["logit_diff", "match"], Relations = ["capital", "indirect-object", "landmark", "opposite"];

    private static StudySummary Heads() => StudySummary.Of(ResultTable.Of(
    [
        .. from pair in Enumerable.Range(0, 12) from layer in Enumerable.Range(0, 8) from head in Enumerable.Range(0, 12)
           select new ResultRow("mini", $"pair-{pair}", "z", "denoising", "other", layer, null, null, null, head, "logit_diff", 1, MathF.Sin(layer * head + pair) * 0.4f),
    ]));

    private static float Score(string role, string source, float depth, int relation) => (role, source) switch
    {
        (_, "shuffled") => 0.1f,
        ("random", _) => 0.05f,
        ("last", _) => 1 / (1 + MathF.Exp(-20 * (depth - 0.6f - relation * 0.03f))),
        ("subject.last", _) => 1 / (1 + MathF.Exp(20 * (depth - 0.4f - relation * 0.05f))),
        _ => role.Length / 30f * depth,
    };
}
