using System.Text.Json.Nodes;
using PatchKernel.Tables;

namespace PatchKernel.Tests.Experiments.Tables;

/// <summary>Averages over pairs, their errors and intervals.</summary>
public sealed class StudySummaryTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Means_and_standard_errors_of_the_golden_study_are_its_own()
    {
        var golden = JsonNode.Parse(File.ReadAllText(TestData.Golden("oracle", "study", "golden.json")))!;
        var relations = File.ReadLines(TestData.Golden("oracle", "study", "pairs.jsonl")).Select(line => JsonNode.Parse(line)!).ToDictionary(row => (string)row["id"]!, row => (string)row["relation"]!);
        var rows = golden["pairs"]!.AsArray().SelectMany(pair => Rows(pair!)).ToArray();
        var pairs = PairTable.Of([.. relations.Select(pair => SampleTables.Pair with { Pair = pair.Key, Columns = new Dictionary<string, string> { ["relation"] = pair.Value } })]);
        var summary = StudySummary.Of(ResultTable.Of(rows), pairs).Rows.Where(row => row.By == "relation").ToLookup(row => $"{row.Group} {row.Role}");
        Assert.Equal(8, golden["summary"]!.AsObject().Count);
        foreach (var (name, expected) in golden["summary"]!.AsObject())
        {
            var ours = summary[name].OrderBy(row => row.Layer).ToArray();
            Assert.Equal(30, ours.Length);
            Assert.All(ours, row => Assert.Equal((int)expected!["pairs"]!, row.Pairs));
            Assert.All(ours, row => Assert.Equal((double)expected!["mean"]![row.Layer]!, row.Mean!.Value, 1e-3));
            Assert.All(ours, row => Assert.Equal((double)expected!["standard_error"]![row.Layer]!, row.StandardError!.Value, 1e-3));
            Assert.All(ours, row => Assert.InRange(row.Mean!.Value, row.Low!.Value, row.High!.Value));
        }
    }

    [Fact]
    public void A_small_table_has_the_means_of_a_sheet_of_paper()
    {
        float[] scores = [1, 2, 3, 6];
        var rows = SampleTables.Study(4, 1, (pair, _, role) => role == "last" ? 0.25f : scores[pair]);
        var row = StudySummary.Of(ResultTable.Of(rows)).Rows.Single(row => row.Role == "subject.last");
        Assert.Equal((4, 3.0, 6.0), (row.Pairs, row.Mean, row.MeanValue));
        Assert.Equal(Math.Sqrt((4 + 1 + 0 + 9) / 3.0 / 4), row.StandardError!.Value, 1e-12);
        Assert.InRange(row.Low!.Value, 1, 2.25);
        Assert.InRange(row.High!.Value, 4, 6);
        var same = StudySummary.Of(ResultTable.Of(rows)).Rows.Single(row => row.Role == "last");
        Assert.Equal((0.25, 0.0, 0.25, 0.25), (same.Mean, same.StandardError, same.Low, same.High));
    }

    [Fact]
    public void A_pair_is_one_observation_however_many_tokens_its_role_has()
    {
        ResultRow[] rows =
        [
            SampleTables.Row with { Pair = "a", Pos = 3, Score = 0 }, SampleTables.Row with { Pair = "a", Pos = 4, Score = 1 }, SampleTables.Row with { Pair = "a", Pos = 5, Score = 2 },
            SampleTables.Row with { Pair = "b", Pos = 3, Score = 3 },
        ];
        var row = Assert.Single(StudySummary.Of(ResultTable.Of(rows)).Rows);
        Assert.Equal((2, 2.0, 1.0, null), (row.Pairs, row.Mean, row.StandardError, row.Pos));
    }

    [Fact]
    public void Positions_without_a_role_and_heads_windows_sources_and_models_stay_apart()
    {
        var bare = SampleTables.Row with { Role = null };
        ResultRow[] rows = [bare, bare with { Pos = 15 }, bare with { Head = 3 }, bare with { Window = 5 }, bare with { Source = "shuffled" }, bare with { Model = "other" }, bare with { Token = "x", Pair = "b" }];
        var summary = StudySummary.Of(ResultTable.Of(rows)).Rows;
        Assert.Equal(6, summary.Count);
        Assert.Equal([2, 1, 1, 1, 1, 1], summary.Select(row => row.Pairs));
    }

    [Fact]
    public void Scores_that_are_missing_or_no_numbers_are_left_out_and_counted_out()
    {
        float?[] scores = [1, null, float.NaN, float.PositiveInfinity, 2];
        var rows = scores.Select((score, i) => SampleTables.Row with { Pair = $"{i}", Score = score, Value = i == 4 ? float.NaN : i }).ToArray();
        var row = Assert.Single(StudySummary.Of(ResultTable.Of(rows)).Rows);
        Assert.Equal((2, 1.5, 0.5, 1.5), (row.Pairs, row.Mean, row.StandardError, row.MeanValue));
        var one = Assert.Single(StudySummary.Of(ResultTable.Of([rows[0], rows[1]])).Rows);
        Assert.Equal((1, 1.0, null, null, null), (one.Pairs, one.Mean, one.StandardError, one.Low, one.High));
        var none = Assert.Single(StudySummary.Of(ResultTable.Of([rows[2], rows[3]])).Rows);
        Assert.Equal((0, null, 2.5), (none.Pairs, none.Mean, none.MeanValue));
    }

    [Fact]
    public void A_metric_without_scores_has_the_rate_of_its_values()
    {
        var rows = Enumerable.Range(0, 8).Select(i => SampleTables.Row with { Pair = $"{i}", Metric = "match", Score = null, Value = i < 6 ? 1 : 0 }).ToArray();
        var row = Assert.Single(StudySummary.Of(ResultTable.Of(rows)).Rows);
        Assert.Equal((8, null, null, 0.75), (row.Pairs, row.Mean, row.Low, row.MeanValue));
    }

    [Fact]
    public void Columns_with_a_few_values_group_the_pairs()
    {
        var rows = SampleTables.Study(30, 1, (pair, _, _) => pair);
        var pairs = Enumerable.Range(0, 30).Select(pair => SampleTables.Pair with
        {
            Pair = $"pair-{pair}",
            Columns = new Dictionary<string, string>
            {
                ["same"] = "x",
                ["half"] = pair < 10 ? "low" : "high",
                ["each"] = $"{pair}",
                ["many"] = $"{pair % 21}",
                ["twenty"] = $"{pair % 20}",
                ["split"] = pair == 0 ? "held-out" : "rest",
            }.Where(cell => cell.Key != "half" || pair != 29).ToDictionary(),
        }).ToArray();
        var summary = StudySummary.Of(ResultTable.Of(rows), PairTable.Of(pairs)).Rows;
        Assert.Equal([null, "half", "twenty", "split"], summary.Select(row => row.By).Distinct());
        Assert.Equal([("low", 10, 4.5), ("high", 19, 19.0), ("", 1, 29.0)],
            summary.Where(row => row is { By: "half", Role: "last" }).Select(row => (row.Group, row.Pairs, row.Mean!.Value)));
        summary = StudySummary.Of(ResultTable.Of(SampleTables.Study(2, 1, (pair, _, _) => pair)), PairTable.Of(pairs[9..11])).Rows;
        Assert.All(summary, row => Assert.Null(row.By)); // as many values as pairs
    }

    [Fact]
    public void The_same_seed_gives_the_same_intervals_and_another_one_others()
    {
        var rows = SampleTables.Study(25, 2, (pair, layer, _) => MathF.Sin(pair * 7 + layer));
        var one = StudySummary.Of(ResultTable.Of(rows), seed: 1);
        Assert.Equal(one.Rows, StudySummary.Of(ResultTable.Of(rows), seed: 1).Rows);
        Assert.NotEqual(one.Rows, StudySummary.Of(ResultTable.Of(rows), seed: 2).Rows);
        // These numbers hold on any machine, with any number of threads.
        Assert.Equal("-0.2405745246782899 0.30504288428276777", FormattableString.Invariant($"{one.Rows[0].Low} {one.Rows[0].High}"));
    }

    // 95 % of intervals should hold the true mean; of a percentile interval over 40 numbers about 93 % do.
    [Fact]
    public void Intervals_hold_the_true_mean_about_as_often_as_they_say()
    {
        var random = new Random(11);
        var samples = Enumerable.Range(0, 1500).Select(_ => Enumerable.Range(0, 40).Select(_ => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())).ToArray()).ToArray();
        var holding = samples.Select((sample, i) => Bootstrap.Intervals([sample], i, default)[0]!.Value).Count(interval => interval is { Low: < 0, High: > 0 });
        Assert.InRange(holding / 1500.0, 0.91, 0.965);
        var (low, high) = Bootstrap.Intervals([samples[0]], 1, default)[0]!.Value;
        var (mean, deviation) = (samples[0].Average(), Math.Sqrt(samples[0].Average(x => x * x) - Math.Pow(samples[0].Average(), 2)));
        Assert.Equal(mean - 1.96 * deviation / Math.Sqrt(40), low, 0.06);
        Assert.Equal(mean + 1.96 * deviation / Math.Sqrt(40), high, 0.06);
    }

    [Fact]
    public void A_summary_comes_back_from_its_file()
    {
        var rows = SampleTables.Study(6, 3, (pair, layer, role) => pair == 0 ? float.NaN : layer / 3f);
        var pairs = Enumerable.Range(0, 6).Select(pair => SampleTables.Pair with { Pair = $"pair-{pair}", Columns = new Dictionary<string, string> { ["a"] = pair < 3 ? "" : "=x" } }).ToArray();
        var summary = StudySummary.Of(ResultTable.Of(rows), PairTable.Of(pairs));
        foreach (var name in (string[])["summary.csv", "summary.parquet"])
        {
            summary.Save(folder.File(name));
            Assert.Equal(summary.Rows, StudySummary.Load(folder.File(name)).Rows);
        }
        Assert.Equal(
            "model,site,direction,source,window,layer,pos,role,head,metric,by,group,pairs,mean,standard_error,low,high,mean_value", File.ReadLines(folder.File("summary.csv")).First());
        Assert.Equal("Summary of 6 cells over up to 5 pairs, also by a", summary.ToString());
        Assert.Equal("Summary of 0 cells over up to 0 pairs", StudySummary.Of(ResultTable.Of([])).ToString());
    }

    private static IEnumerable<ResultRow> Rows(JsonNode pair)
    {
        var (clean, corrupt) = (Difference(pair["clean_logits"]!), Difference(pair["corrupt_logits"]!));
        foreach (var role in (string[])["subject.last", "last"])
        {
            foreach (var (layer, logits) in pair[role]!.AsArray().Index())
            {
                var value = Difference(logits!);
                yield return new("SmolLM2", (string)pair["id"]!, "resid_post", "denoising", "other", layer, null, null, role, null, "logit_diff", (float)value, (float)((value - corrupt) / (clean - corrupt)));
            }
        }

        static double Difference(JsonNode logits) => (double)logits[0]! - (double)logits[1]!;
    }
}
