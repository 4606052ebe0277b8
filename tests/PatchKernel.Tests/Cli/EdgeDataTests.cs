using System.Text.Json;

namespace PatchKernel.Tests.Cli;

/// <summary><c>attribute</c>, <c>circuit test</c> and <c>circuit curve</c> over several rows of a data file.</summary>
public sealed class EdgeDataTests : IDisposable
{
    private static readonly string Rows = TestData.InRepository("data", "mini-pairs.jsonl");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static LanguageModel Mini() => LanguageModel.Load(TestData.InRepository("models", "mini"), device: "cpu");

    private static PromptPair[] Pairs(LanguageModel model, int count) =>
        [.. ExperimentData.Load(Rows, new DataSelection { Limit = count }).Rows.Select(row => row.In(model.Tokenizer!))];

    private CliRun Attribute(params string[] options) =>
        CliRun.Of(["attribute", "--data", Rows, "--device", "cpu", "--html", folder.File("a.html"), "--json", folder.File("s.json"), .. options]);

    private ScoredGraph Scored => ScoredGraph.Load(folder.File("s.json"));

    [Fact]
    public void Scores_are_means_over_rows_with_their_errors()
    {
        var output = Attribute("--limit", "4", "--check", "6", "--eap-ig", folder.File("g.json")).Success();
        using var model = Mini();
        var average = EdgeAttribution.Run(model, Pairs(model, 4), new() { Method = EdgeMethod.EapIg, Metric = Metric.LogitDiff });
        Near.Equal(average.Scores(), Scored.Scores(), 1e-4f, "means");
        Near.Equal(average.StandardErrors(), [.. Scored.Edges.Select(edge => edge.StandardError!.Value)], 1e-4f, "errors");
        Near.Equal(average.Lower(), [.. Scored.Edges.Select(edge => edge.Interval!.Value.Lower)], 1e-4f, "lower ends");
        Assert.Equal((4, null, 6), (Scored.Pairs, Scored.Pair, Scored.Edges.Count(edge => edge.Exact is not null)));
        Assert.Matches(@"sender +receiver +score +± error", output);
        Assert.Contains("mini, mean of 4 pairs · eap-ig", output, StringComparison.Ordinal);
        Assert.Contains("against the exact effect, the mean over the same 4 pairs: ", output, StringComparison.Ordinal);
        Assert.Contains("4 of 200 rows used", output, StringComparison.Ordinal);
        Assert.True(File.Exists(folder.File("g.json")));
    }

    [Fact]
    public void Exact_effects_at_roles_are_means_too_and_one_row_is_a_pair()
    {
        Attribute("--limit", "2", "--method", "exact", "--positions", "subject.last,last").Success();
        using var model = Mini();
        var roles = TokenRole.ParseAll("subject.last,last");
        Near.Equal(PathPatching.Run(model, Pairs(model, 2), new() { Metric = Metric.LogitDiff, Roles = roles }).Scores(), Scored.Scores(), 1e-4f, "exact");
        Assert.Equal("subject.last, last", Scored.Positions);
        Attribute("--row", "pair-001", "--check", "0", "--positions", "last").Success();
        Near.Equal(EdgeAttribution.Run(model, Pairs(model, 2)[1], new() { Method = EdgeMethod.EapIg, Metric = Metric.LogitDiff, Roles = [TokenRole.Last] }).Scores(), Scored.Scores(), 1e-4f, "one row");
        Assert.Equal((1, "pair-001", "last"), (Scored.Pairs, Scored.Pair, Scored.Positions));
    }

    [Fact]
    public void A_circuit_is_tested_over_rows()
    {
        Attribute("--limit", "3", "--check", "0").Success();
        CliRun.Of("circuit", "find", folder.File("s.json"), "--top", "200", "--out", folder.File("c.json")).Success();
        using var model = Mini();
        var pairs = Pairs(model, 3);
        foreach (var (name, source) in new (string, PatchSource)[] { ("other", PatchSource.Other), ("zero", PatchSource.Zero), ("mean", MeanOf(pairs)) })
        {
            var output = CliRun.Of("circuit", "test", folder.File("c.json"), "--data", Rows, "--limit", "3", "--device", "cpu", "--source", name, "--random", "1", "--minimality", "1", "--json", folder.File("t.json")).Success();
            var expected = CircuitTest.Run(model, pairs, ScoredGraph.Load(folder.File("c.json")).Circuit, new() { Circuits = new() { Metric = Metric.LogitDiff, Source = source }, RandomCircuits = 0, Minimality = 0 });
            using var json = JsonDocument.Parse(File.ReadAllText(folder.File("t.json")));
            Assert.Equal(3, json.RootElement.GetProperty("pairs").GetInt32());
            Assert.Equal(expected.Value, json.RootElement.GetProperty("value").GetSingle(), 1e-3f);
            Assert.Equal(expected.Faithfulness, json.RootElement.GetProperty("faithfulness").GetSingle(), 1e-3f);
            Assert.Equal([expected.FaithfulnessLower, expected.FaithfulnessUpper], json.RootElement.GetProperty("faithfulness_interval").EnumerateArray().Select(end => MathF.Round(end.GetSingle(), 3)), (a, b) => Math.Abs(a - b) < 2e-3);
            Assert.Contains("mini, 3 pairs: ", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_curve_is_the_library_s()
    {
        Attribute("--limit", "3", "--check", "0").Success();
        var output = CliRun.Of(
            "circuit", "curve", folder.File("s.json"), "--data", Rows, "--limit", "3", "--device", "cpu", "--random", "2", "--absolute", "--html", folder.File("f.html"), "--image", folder.File("f.svg"), "--json", folder.File("f.json")).Success();
        using var model = Mini();
        var curve = FaithfulnessCurve.Run(model, Pairs(model, 3), Scored.Scores(), new() { RandomCircuits = 2, Absolute = true });
        using var json = JsonDocument.Parse(File.ReadAllText(folder.File("f.json")));
        var own = json.RootElement.GetProperty("curves")[0];
        var sizes = own.GetProperty("sizes").EnumerateArray().ToArray();
        Assert.Equal(curve.Shares, sizes.Select(size => size.GetProperty("share").GetDouble()));
        Assert.Equal(curve.Circuits.Select(circuit => circuit.Count), sizes.Select(size => size.GetProperty("edges").GetInt32()));
        foreach (var (at, size) in sizes.Index())
        {
            Assert.Equal(curve.Faithfulness[at], size.GetProperty("faithfulness").GetDouble(), 1e-3);
            Assert.Equal(curve.Lower![at], size.GetProperty("interval")[0].GetDouble(), 1e-3);
            Assert.Equal(curve.RandomCircuits[1][at], json.RootElement.GetProperty("random_circuits").GetProperty("sizes")[at].GetProperty("faithfulness")[1].GetDouble(), 1e-3);
        }
        Assert.Equal(curve.Cpr, own.GetProperty("cpr").GetDouble(), 1e-3);
        Assert.Equal(curve.Cmd, own.GetProperty("cmd").GetDouble(), 1e-3);
        Assert.Equal("eap-ig, by size", own.GetProperty("ranking").GetString());
        Assert.Matches(@"share +edges +faithfulness +95 % interval +random circuits", output);
        Assert.Matches(@"10 % +\d+ ", output);
        Assert.All((string[])["f.html", "f.svg"], name => Assert.True(new FileInfo(folder.File(name)).Length > 500, name));
    }

    [Fact]
    public void Rankings_are_compared_in_one_chart_beside_one_set_of_random_circuits()
    {
        Attribute("--limit", "2", "--check", "0").Success();
        File.Move(folder.File("s.json"), folder.File("ig.json"));
        File.Copy(folder.File("ig.json"), folder.File("same.json"));
        Attribute("--limit", "2", "--check", "0", "--method", "eap").Success();
        string[] files = [folder.File("ig.json"), folder.File("s.json"), folder.File("same.json")], to = ["--html", folder.File("f.html"), "--json", folder.File("f.json")];
        var output = Curve([.. files, "--random", "1", "--connected", .. to]).Success();
        using var model = Mini();
        using var json = JsonDocument.Parse(File.ReadAllText(folder.File("f.json")));
        var curves = json.RootElement.GetProperty("curves").EnumerateArray().ToArray();
        Assert.Equal(["eap-ig, ig, signed", "eap, signed", "eap-ig, same, signed"], curves.Select(curve => curve.GetProperty("ranking").GetString()));
        foreach (var (file, curve) in files.Zip(curves))
            Assert.Equal(FaithfulnessCurve.Run(model, Pairs(model, 2), ScoredGraph.Load(file).Scores()).Cpr, curve.GetProperty("cpr").GetDouble(), 1e-3);
        var random = FaithfulnessCurve.Run(model, Pairs(model, 2), ScoredGraph.Load(files[0]).Scores(), new() { RandomCircuits = 1, ConnectRandomCircuits = true }).RandomCircuits[0];
        Assert.Equal(random, json.RootElement.GetProperty("random_circuits").GetProperty("sizes").EnumerateArray().Select(size => size.GetProperty("faithfulness")[0].GetDouble()), (a, b) => Math.Abs(a - b) < 1e-3);
        Assert.Single(output.Split('\n'), line => line.Contains("random connected circuits", StringComparison.Ordinal));
        Assert.DoesNotContain("-0.000", output, StringComparison.Ordinal);

        Attribute("--limit", "2", "--check", "0", "--method", "eap", "--metric", "target_logit").Success();
        Assert.Contains("the scores are of logit_diff and of target_logit; say by --metric", Curve([.. files, .. to]).Failure(2), StringComparison.Ordinal);
        Curve([.. files, "--metric", "kl", "--random", "0", .. to]).Success();
        CliRun.Of("attribute", "--device", "cpu", "--check", "0", "--sign", "corrupt-less-clean", "--no-html", "--eap-ig", folder.File("g.json")).Success();
        Curve([files[0], folder.File("g.json"), "--sign", "corrupt-less-clean", "--random", "0", .. to]).Success();
        File.WriteAllText(folder.File("g.json"), File.ReadAllText(folder.File("g.json")).Replace("input->a0.h0<q>", "input->a0.h9<q>", StringComparison.Ordinal));
        Assert.Contains($"'{folder.File("g.json")}': The graph has an edge 'input->a0.h9<q>'", Curve([files[0], folder.File("g.json")]).Failure(), StringComparison.Ordinal);
        Assert.Contains("is there twice; name it once", Curve([files[0], files[1], files[0]]).Failure(2), StringComparison.Ordinal);
        Assert.Contains("7 curves can't be told apart; give up to 6 files", Curve(["a", "b", "c", "d", "e", "f", "g"]).Failure(2), StringComparison.Ordinal);

        CliRun Curve(string[] args) => CliRun.Of(["circuit", "curve", .. args, "--data", Rows, "--limit", "2", "--device", "cpu"]);
    }

    [Theory]
    [InlineData("curve has no option '--conected'", "circuit", "curve", "x.json", "--conected")]
    [InlineData("--dot and --graphml would both go to standard output", "circuit", "draw", "x.json", "--dot", "-", "--graphml", "-")]
    [InlineData("--connected goes with --random", "circuit", "curve", "x.json", "--random", "0", "--connected")]
    [InlineData("--limit goes with --data", "attribute", "--limit", "3")]
    [InlineData("--data and --pair don't go together", "attribute", "--data", "x.csv", "--pair", "einstein")]
    [InlineData("--positions each is for cells", "attribute", "--positions", "each")]
    [InlineData("--seed goes with --check or --sample", "attribute", "--method", "exact", "--seed", "3")]
    [InlineData("--source mean goes with several rows of --data", "circuit", "test", "x.json", "--source", "mean")]
    [InlineData("--source mean goes with several rows of --data", "circuit", "curve", "x.json", "--source", "mean")]
    [InlineData("--seed goes with --random", "circuit", "curve", "x.json", "--random", "0", "--seed", "1")]
    [InlineData("--seed goes with --random", "circuit", "test", "x.json", "--random", "0", "--minimality", "0", "--seed", "1")]
    [InlineData("--sample goes with --data", "circuit", "curve", "x.json", "--sample", "2")]
    public void What_doesn_t_go_together_is_wrong_usage(string why, params string[] args) => Assert.Contains(why, CliRun.Of(args).Failure(2), StringComparison.Ordinal);

    [Fact]
    public void Roles_that_stand_elsewhere_in_the_corrupt_prompt_and_part_of_the_scores_are_refused_before_weights_are_read()
    {
        Assert.Contains("line 1: The role ", Attribute("--limit", "2", "--positions", "1:2").Failure(), StringComparison.Ordinal);
        Attribute("--limit", "2", "--check", "0").Success();
        CliRun.Of("circuit", "find", folder.File("s.json"), "--top", "9", "--out", folder.File("c.json")).Success();
        Assert.Contains("all are needed to rank them", CliRun.Of("circuit", "curve", folder.File("c.json"), "--device", "cpu").Failure(), StringComparison.Ordinal);
        Assert.Contains("says which sign it has", CliRun.Of("circuit", "curve", folder.File("s.json"), "--sign", "helps-clean").Failure(2), StringComparison.Ordinal);
    }

    private static PatchSource.Mean MeanOf(PromptPair[] pairs) => new([.. pairs.Select(pair => pair.Corrupt)], EachPosition: pairs.All(pair => pair.Corrupt.Length == pairs[0].Corrupt.Length));
}
