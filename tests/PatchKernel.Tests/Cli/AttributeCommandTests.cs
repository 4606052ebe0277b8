using System.Text.Json;

namespace PatchKernel.Tests.Cli;

/// <summary><c>attribute</c> and <c>circuit</c>: from scores to a circuit that was tested.</summary>
public sealed class AttributeCommandTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private CliRun Attribute(params string[] options) => CliRun.Of(["attribute", .. CliRun.TinyPair, "--device", "cpu", "--html", folder.File("a.html"), "--json", folder.File("s.json"), .. options]);

    private ScoredGraph Scored => ScoredGraph.Load(folder.File("s.json"));

    private static LanguageModel Model() => LanguageModel.Load(CliRun.Tiny, device: "cpu");

    private static PromptPair Pair => new(
        null, Prompt.FromIds([1, 201, 75, 60, 137, 59, 66, 16, 95, 46]), Prompt.FromIds([1, 201, 75, 60, 156, 70, 66, 16, 95, 46]), new Target(157, null), new Target(3, null));

    [Fact]
    public void An_estimate_is_the_library_s_and_says_how_far_it_is_from_the_truth()
    {
        var output = Attribute("--check", "20", "--top", "5", "--eap-ig", folder.File("g.json")).Success();
        using var model = Model();
        var expected = EdgeAttribution.Run(model, Pair, new() { Method = EdgeMethod.EapIg, Metric = Metric.LogitDiff });
        Assert.Equal(expected.Edges, Scored.Edges.Select(edge => edge.Edge));
        Near.Equal(expected.Scores(), Scored.Scores(), 1e-5f, "scores");
        Assert.Equal(20, Scored.Edges.Count(edge => edge.Exact is not null));
        // There three query heads share a key and a value, each with the group's score; coming back they are added up.
        var back = EapIgGraph.Load(folder.File("g.json")).ScoresFor(model.Config);
        var counts = expected.Edges.Select(edge => edge.Receiver.Contains(".k.", StringComparison.Ordinal) || edge.Receiver.Contains(".v.", StringComparison.Ordinal) ? 3 : 1);
        Near.Equal([.. expected.Scores().Zip(counts, (score, times) => times * score)], back, 1e-5f, "EAP-IG's file");
        Assert.Contains("eap-ig, embeddings' path, k/5 for k = 0 … 4; denoising", output, StringComparison.Ordinal);
        Assert.Contains("Score logit_diff (logits): positive helps the clean answer", output, StringComparison.Ordinal);
        Assert.Matches(@"Checked: the 10 largest, against the exact effect: Pearson -?[0-9.]+, Spearman -?[0-9.]+, same sign [0-9]+ of 10, worst miss [+-][0-9.]+ at \S+ → \S+", output);
        Assert.Contains("Checked: 10 of the others at random", output, StringComparison.Ordinal);
        Assert.True(File.Exists(folder.File("a.html")));
    }

    [Theory]
    [InlineData("eap", "gradient at the mean of both", EdgeMethod.Eap, "--at", "both")]
    [InlineData("eap-ig", "k/3 for k = 1 … 3", EdgeMethod.EapIg, "--steps", "3", "--points", "from-one")]
    [InlineData("eap-ig-activations", "each sublayer's own path", EdgeMethod.EapIgActivations, "--steps", "2")]
    public void Conventions_are_options_and_said(string method, string said, EdgeMethod expected, params string[] options)
    {
        _ = Attribute(["--method", method, "--check", "0", "--sign", "corrupt-less-clean", "--direction", "noising", .. options]).Success();
        using var model = Model();
        var result = EdgeAttribution.Run(model, Pair, new()
        {
            Method = expected,
            Metric = Metric.LogitDiff,
            At = GradientAt.Both,
            Points = options.Contains("from-one") ? PathPoints.FromOne : PathPoints.FromZero,
            Steps = options.Contains("3") ? 3 : options.Contains("2") ? 2 : 5,
            Direction = Direction.Noising,
        });
        Near.Equal(result.Scores(), Scored.Scores(), 1e-5f, "scores");
        Assert.Equal((ScoreSign.CorruptLessClean, Direction.Noising, result.Conventions), (Scored.Sign, Scored.Direction, Scored.Conventions));
        Assert.Contains(said == "gradient at the mean of both" ? "mean of the gradients at both runs" : said, Scored.Conventions, StringComparison.Ordinal);
        Assert.DoesNotContain(Scored.Edges, edge => edge.Exact is not null);
    }

    [Fact]
    public void Exact_effects_are_path_patching_s()
    {
        _ = Attribute("--method", "exact", "--metric", "target_logit").Success();
        using var model = Model();
        Near.Equal(PathPatching.Run(model, Pair, new() { Metric = Metric.TargetLogit }).Scores(), Scored.Scores(), 1e-5f, "exact");
        Assert.Equal(("exact", null, "target_logit"), (Scored.Method, Scored.Conventions, Scored.Metric));
    }

    [Fact]
    public void A_circuit_goes_to_standard_output_where_it_is_asked_for()
    {
        _ = Attribute("--check", "0").Success();
        var found = CliRun.Of("circuit", "find", folder.File("s.json"), "--top", "40", "--out", "-");
        Assert.Equal(0, found.ExitCode);
        var scored = Scored;
        Assert.Equal(scored.Of(CircuitSelection.Top(scored.Graph, scored.Scores(), 40).Pruned()).ToJson(), found.Output);
        Assert.Contains("edges", found.Error, StringComparison.Ordinal);
        Assert.False(File.Exists("-"));
    }

    [Fact]
    public void A_circuit_without_edges_is_said()
    {
        _ = Attribute("--check", "0").Success();
        Assert.Contains("No edge is left", CliRun.Of("circuit", "find", folder.File("s.json"), "--threshold", "1e6", "--out", folder.File("c.json")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_circuit_is_found_drawn_and_tested()
    {
        _ = Attribute("--check", "0").Success();
        var (scores, file) = (folder.File("s.json"), folder.File("c.json"));
        var graph = Scored.Graph;
        foreach (var (options, expected) in new (string[], Circuit)[]
        {
            (["--top", "40"], CircuitSelection.Top(graph, Scored.Scores(), 40).Pruned()),
            (["--greedy", "40", "--absolute"], CircuitSelection.Greedy(graph, Scored.Scores(), 40, absolute: true).Pruned()),
            (["--threshold", "0.01", "--no-prune"], CircuitSelection.Threshold(graph, Scored.Scores(), 0.01f)),
        })
        {
            var found = CliRun.Of(["circuit", "find", scores, "--out", file, .. options]).Success();
            Assert.StartsWith($"{expected}", found, StringComparison.Ordinal);
            Assert.Equal(expected.Edges, ScoredGraph.Load(file).Circuit.Edges);
        }
        CliRun.Of("circuit", "draw", file, "--html", folder.File("c.html"), "--image", folder.File("c.svg"), "--dot", folder.File("c.dot"), "--graphml", folder.File("c.graphml")).Success();
        Assert.All((string[])["c.html", "c.svg", "c.dot", "c.graphml"], name => Assert.True(new FileInfo(folder.File(name)).Length > 500, name));

        var tested = CliRun.Of(["circuit", "test", file, .. CliRun.TinyPair, "--device", "cpu", "--random", "2", "--minimality", "3", "--json", "-"]);
        using var json = JsonDocument.Parse(tested.Output);
        using var model = Model();
        var result = CircuitRun.Run(model, Pair, [ScoredGraph.Load(file).Circuit], new() { Metric = Metric.LogitDiff });
        Assert.Equal(result.Faithfulness()[0], json.RootElement.GetProperty("faithfulness").GetSingle(), 1e-4f);
        Assert.Equal(result.Values["clean_target"][0], json.RootElement.GetProperty("clean_target").GetSingle(), 1e-4f);
        Assert.Equal((2, 3), (json.RootElement.GetProperty("random_circuits").GetProperty("faithfulness").GetArrayLength(), json.RootElement.GetProperty("minimality").GetArrayLength()));
        Assert.Contains("2 random circuits of", tested.Error, StringComparison.Ordinal);
        Assert.False(json.RootElement.GetProperty("random_circuits").GetProperty("connected").GetBoolean());
        var connected = CliRun.Of(["circuit", "test", file, .. CliRun.TinyPair, "--device", "cpu", "--random", "2", "--minimality", "0", "--connected", "--json", folder.File("t.json")]).Success();
        Assert.Contains("2 random connected circuits of", connected, StringComparison.Ordinal);
        using var joined = JsonDocument.Parse(File.ReadAllText(folder.File("t.json")));
        Assert.True(joined.RootElement.GetProperty("random_circuits").GetProperty("connected").GetBoolean());
        var control = CircuitTest.Run(model, [Pair], ScoredGraph.Load(file).Circuit, new() { RandomCircuits = 2, Minimality = 0, ConnectRandomCircuits = true }).RandomCircuits;
        Near.Equal([.. control], [.. joined.RootElement.GetProperty("random_circuits").GetProperty("faithfulness").EnumerateArray().Select(share => share.GetSingle())], 1e-4f, "control");
        Assert.DoesNotContain("The circuit was made of", tested.Error, StringComparison.Ordinal);
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"llama3.2-tied-gqa-rope3\"", "\"another\"", StringComparison.Ordinal));
        Assert.Contains("The circuit was made of another, and this is llama3.2-tied-gqa-rope3.", CliRun.Of(["circuit", "test", file, .. CliRun.TinyPair, "--device", "cpu", "--random", "0", "--minimality", "0"]).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_graph_of_EAP_IG_can_be_tested()
    {
        _ = Attribute("--check", "0", "--eap-ig", folder.File("g.json")).Success(); // all its edges are in the graph
        var output = CliRun.Of(["circuit", "test", folder.File("g.json"), .. CliRun.TinyPair, "--device", "cpu", "--random", "0", "--minimality", "0"]).Success();
        Assert.Contains("faithfulness 1.000", output, StringComparison.Ordinal);
        CliRun.Of("circuit", "draw", folder.File("g.json"), "--html", folder.File("g.html"), "--dot", folder.File("g.dot")).Success();
        Assert.Contains("g.json: EAP-IG", File.ReadAllText(folder.File("g.html")), StringComparison.Ordinal);
        var theirs = EapIgGraph.Load(folder.File("g.json"));
        Assert.Equal(CircuitText.Dot(theirs.ToGraph(), theirs.ScoredEdges()), CliRun.Of("circuit", "draw", folder.File("g.json"), "--no-html", "--dot", "-").Output);
        Assert.Equal(CircuitText.Dot(theirs.ToGraph(), theirs.ScoredEdges()), File.ReadAllText(folder.File("g.dot")));
    }

    [Theory]
    [InlineData("--at goes with --method eap", "attribute", "--at", "clean")]
    [InlineData("--steps goes with --method eap-ig", "attribute", "--method", "eap", "--steps", "3")]
    [InlineData("--check goes with an estimate", "attribute", "--method", "exact", "--check", "3")]
    [InlineData("--metric has no 'x'", "attribute", "--metric", "x")]
    [InlineData("--metric has no 'x'", "circuit", "test", "x.json", "--metric", "x")]
    [InlineData("--seed goes with --check", "attribute", "--seed", "3", "--check", "0")]
    [InlineData("--seed goes with --check", "attribute", "--seed", "3", "--method", "exact")]
    [InlineData("--eap-ig takes the name of a file, and it is empty", "attribute", "--eap-ig", "")]
    [InlineData("two outputs would go to the same file", "attribute", "--eap-ig", "x.txt", "--json", "x.txt")]
    [InlineData("two outputs would go to the same file", "circuit", "draw", "x.json", "--dot", "x.txt", "--graphml", "x.txt")]
    [InlineData("--no-html leaves nothing to write", "circuit", "draw", "x.json", "--no-html")]
    [InlineData("--metric best is no amount", "attribute", "--method", "exact", "--metric", "best")]
    [InlineData("--threshold takes a number, and 'NaN' is none", "circuit", "find", "x.json", "--threshold", "NaN")]
    [InlineData("--threshold takes a number, and 'much' is none", "circuit", "find", "x.json", "--threshold", "much")]
    [InlineData("a circuit is cut by --top, --greedy or --threshold; give one of them", "circuit", "find", "x.json")]
    [InlineData("a circuit is cut by --top, --greedy or --threshold; give one of them", "circuit", "find", "x.json", "--top", "3", "--greedy", "4")]
    public void Options_that_don_t_go_together_are_wrong_usage(string why, params string[] args) => Assert.Contains(why, CliRun.Of(args).Failure(2), StringComparison.Ordinal);

    [Fact]
    public void Another_model_s_circuit_and_a_metric_without_gradient_are_refused()
    {
        _ = Attribute("--check", "0").Success();
        var other = TestData.InRepository("models", "mini");
        Assert.Contains("is another model's", CliRun.Of("circuit", "test", folder.File("s.json"), "--model", other, "--device", "cpu").Failure(), StringComparison.Ordinal);
        Assert.Contains("has no gradient", Attribute("--metric", "rank").Failure(), StringComparison.Ordinal);
        Assert.Contains("is no circuit file", CliRun.Of("circuit", "find", Path.Combine(CliRun.Tiny, "config.json"), "--top", "3", "--out", folder.File("c.json")).Failure(), StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("c.json")));
    }
}
