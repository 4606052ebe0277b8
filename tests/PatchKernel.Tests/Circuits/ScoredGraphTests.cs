namespace PatchKernel.Tests.Circuits;

/// <summary>Circuit files: what is written is read back, and anything else is refused in a sentence.</summary>
public sealed class ScoredGraphTests : IDisposable
{
    private static readonly EdgeGraph Graph = new(RandomModel.Config);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private string File => folder.File("c.json");

    private static ScoredGraph Scored(ScoreSign sign = ScoreSign.HelpsClean) => new()
    {
        Model = "a \"b\"",
        Graph = Graph,
        Pair = "p",
        Metric = "logit_diff",
        Unit = "logits",
        Method = "eap",
        Conventions = "gradient at the corrupt run",
        Direction = Direction.Noising,
        Sign = sign,
        Edges = [.. Graph.Edges.Select((edge, at) => new ScoredEdge(edge, (at - 40) / 7f, at % 3 == 0 ? at / 9f : null))],
    };

    [Fact]
    public void The_scores_of_a_large_model_s_every_edge_come_back()
    {
        var config = RandomModel.Config with { NLayers = 24, NHeads = 16, NKeyValueHeads = 16 }; // GPT-2 medium's
        var graph = new EdgeGraph(config);
        Assert.Equal(231_877, graph.Edges.Count);
        float[] scores = [.. Enumerable.Range(0, graph.Edges.Count).Select(edge => edge / 1000f)];
        using var folder = new TemporaryFolder();
        new ScoredGraph
        {
            Model = "medium",
            Graph = graph,
            Pairs = 50,
            Metric = "logit_diff",
            Method = "eap-ig",
            Edges = [.. graph.Edges.Select((edge, at) => new ScoredEdge(edge, scores[at], scores[at]) { StandardError = 0.5f, Interval = (scores[at] - 1, scores[at] + 1) })],
        }.Save(folder.File("scores.json"));
        Assert.Equal(scores, ScoredGraph.Load(folder.File("scores.json")).Scores());
        EapIgGraph.Of(config, scores).Save(folder.File("graph.json"));
        Assert.Equal(scores, EapIgGraph.Load(folder.File("graph.json")).ScoresFor(config));
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var scored = Scored();
        scored.Save(File);
        var back = ScoredGraph.Load(File);
        Assert.Equal(scored.Edges, back.Edges);
        Assert.Equal(Graph.Edges, back.Graph.Edges);
        Assert.Equal(scored.ToString(), back.ToString());
        Assert.Equal(scored.ToJson(), back.ToJson());
        Assert.Equal((Direction.Noising, ScoreSign.HelpsClean, 1, "logits"), (back.Direction, back.Sign, back.Pairs, back.Unit));
    }

    [Fact]
    public void A_circuit_has_its_edges_and_no_ranking()
    {
        var circuit = new Circuit(Graph, Graph.Edges.Where((_, at) => at % 5 == 0));
        Scored().Of(circuit).Save(File);
        var back = ScoredGraph.Load(File);
        Assert.Equal(circuit.Edges, back.Circuit.Edges);
        Assert.Contains($"{circuit.Count} of {Graph.Edges.Count} edges have a score", Assert.Throws<PatchKernelException>(() => back.Scores()).Message, StringComparison.Ordinal);
        Scored().Of(new Circuit(Graph)).Save(File);
        Assert.Empty(ScoredGraph.Load(File).Edges);
    }

    [Fact]
    public void An_edge_that_helps_is_positive_where_the_clean_run_has_the_lower_number_too()
    {
        using var model = RandomModel.Create();
        var estimate = EdgeAttribution.Run(model, RandomModel.Pair, new() { Method = EdgeMethod.Eap, Metric = Metric.Kl });
        var check = EstimateCheck.Run(model, estimate, 10);
        float[] falls = [.. estimate.Scores().Select(score => -score)];
        Assert.Contains(falls, score => score > 0.001f);
        var helps = ScoredGraph.Of(estimate, model.Config, exact: check.Exact);
        Assert.Equal(falls, helps.Scores());
        Assert.Equal(falls, ScoredGraph.Of(EdgeAttribution.Run(model, [RandomModel.Pair], new() { Method = EdgeMethod.Eap, Metric = Metric.Kl }), model.Config).Scores());
        Assert.All(helps.Edges.Where(edge => edge.Exact is not null), edge => Assert.Equal(-check.Exact[edge.Edge], edge.Exact));
        var shown = check.As(helps);
        Assert.Equal(check.Largest.Select(point => (-point.Estimate, -point.Exact)), shown.Largest.Select(point => (point.Estimate, point.Exact)));
        Assert.Equal(check.Sample.Select(point => (-point.Estimate, -point.Exact)), shown.Sample.Select(point => (point.Estimate, point.Exact)));
        var hurts = ScoredGraph.Of(estimate, model.Config, ScoreSign.CorruptLessClean);
        Assert.Equal(falls, hurts.Scores());
        Assert.Same(check, check.As(hurts));
    }

    [Fact]
    public void Some_edges_results_are_in_the_graph_s_order_whatever_order_they_were_asked_in()
    {
        using var model = RandomModel.Create();
        Edge[] asked = [new("L1.mlp", "logits"), new("embed", "L0.v.1"), new("L0.head.2", "L2.q.0")];
        var result = PathPatching.Run(model, RandomModel.Pair, new() { Edges = asked, Metric = Metric.LogitDiff });
        Assert.Equal(asked, result.Edges);
        var scored = ScoredGraph.Of(result, model.Config);
        Assert.Equal([asked[1], asked[2], asked[0]], scored.Edges.Select(edge => edge.Edge));
        Assert.Equal([result.Scores()[1], result.Scores()[2], result.Scores()[0]], scored.Edges.Select(edge => edge.Score));
    }

    [Fact]
    public void Scores_are_positive_where_they_help_whatever_the_file_s_sign()
    {
        Assert.Equal(Scored().Scores().Select(score => -score), Scored(ScoreSign.CorruptLessClean).Scores());
        Scored(ScoreSign.CorruptLessClean).Save(File);
        Assert.Equal(ScoreSign.CorruptLessClean, ScoredGraph.Load(File).Sign);
    }

    [Theory]
    [InlineData("\"patchkernel/circuit\"", "\"patchkernel/sweep\"", "is no circuit file")]
    [InlineData("\"version\": 1", "\"version\": 2", "is a circuit file of version 2, and this program reads version 1; take a newer program")]
    [InlineData("\"sender\": \"embed\", \"receiver\": \"L0.q.1\"", "\"sender\": \"embed\", \"receiver\": \"L0.q.0\"", "has the edge embed → L0.q.0 twice")]
    [InlineData("\"receiver\": \"L0.q.1\"", "\"receiver\": \"L9.q.1\"", "There is no receiver 'L9.q.1'")]
    [InlineData("\"sender\": \"embed\", \"receiver\": \"L0.q.1\"", "\"sender\": \"L1.mlp\", \"receiver\": \"L0.q.1\"", "There is no edge from L1.mlp to L0.q.1")]
    [InlineData("\"score\": -5.571", "\"score\": \"a\", \"x\": -5.571", "score")]
    [InlineData("\"direction\": \"noising\"", "\"direction\": \"sideways\"", "direction is 'sideways', and known are 'denoising', 'noising'")]
    [InlineData("\"layers\":3", "\"layers\":0", "layers")]
    [InlineData("\"metric\": \"logit_diff\",", "", "metric")]
    public void What_isn_t_one_is_refused(string text, string other, string why)
    {
        var json = Scored().ToJson();
        Assert.Contains(text, json, StringComparison.Ordinal);
        System.IO.File.WriteAllText(File, json.Replace(text, other, StringComparison.Ordinal));
        Assert.Contains(why, Assert.Throws<PatchKernelException>(() => ScoredGraph.Load(File)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_isn_t_a_number_can_t_be_written()
    {
        var bad = Scored() with { Edges = [new(Graph.Edges[3], float.NaN)] };
        Assert.Contains($"The score of {Graph.Edges[3]} is infinite or not a number", Assert.Throws<PatchKernelException>(() => bad.Save(File)).Message, StringComparison.Ordinal);
        Assert.False(System.IO.File.Exists(File));
    }
}
