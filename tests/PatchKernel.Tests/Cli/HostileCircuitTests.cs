using PatchKernel.Tests.Hostile;

namespace PatchKernel.Tests.Cli;

/// <summary><c>circuit</c> with files that somebody else wrote wrongly: one sentence, whichever command reads them.</summary>
public sealed class HostileCircuitTests : IDisposable
{
    private static readonly ModelConfig Config = LoadedConfig();
    private static readonly EdgeGraph Graph = new(Config);
    private static readonly ScoredGraph Scored = new()
    {
        Model = "llama3.2-tied-gqa-rope3",
        Graph = Graph,
        Metric = "logit_diff",
        Method = "eap",
        Edges = [.. Graph.Edges.Select((edge, at) => new ScoredEdge(edge, at % 9 - 3))],
    };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static ModelConfig LoadedConfig()
    {
        using var model = LanguageModel.Load(CliRun.Tiny, device: "cpu");
        return model.Config;
    }

    private CliRun Find(string file) => CliRun.Of("circuit", "find", file, "--top", "3", "--out", folder.File("found.json"));

    [Fact]
    public void EAP_IG_s_file_with_an_edge_of_another_shape_is_not_drawn()
    {
        var file = folder.File("g.json");
        File.WriteAllText(file, """{"cfg": {"n_layers": 1, "n_heads": 1, "parallel_attn_mlp": false, "d_model": 2}, "nodes": {}, "edges": {"a3.h0->logits": {"score": 1, "in_graph": true}}}""");
        Assert.Contains("The graph has an edge 'a3.h0->logits', which a graph of its shape lacks; correct the file.", Draw(file).Failure(), StringComparison.Ordinal);
        File.WriteAllText(file, """{"cfg": {"n_layers": 1, "n_heads": 1, "parallel_attn_mlp": false, "d_model": 2}, "nodes": {}, "edges": {"a0.h0->logits": {"score": 1, "in_graph": true}}}""");
        Draw(file).Success();
        File.WriteAllText(file, File.ReadAllText(file).Replace("true", "false", StringComparison.Ordinal));
        Assert.Contains("has no edge whose in_graph is true", Draw(file).Failure(), StringComparison.Ordinal);
    }

    private CliRun Draw(string file) => CliRun.Of("circuit", "draw", file, "--html", folder.File("drawn.html"));

    private static CliRun Test(string file, params string[] options) =>
        CliRun.Of(["circuit", "test", file, .. CliRun.TinyPair, "--device", "cpu", "--random", "1", "--minimality", "1", .. options]);

    [Theory]
    [InlineData("\"score\": -3", "\"score\": NaN", "isn't valid JSON at line 14")]
    [InlineData("\"score\": -3", "\"score\": -Infinity", "isn't valid JSON at line 14")]
    [InlineData("\"score\": -3", "\"score\": 1e39", "edges[0].score is 1e39 where a number that fits float32 belongs")]
    [InlineData("\"score\": -3", "\"score\": 1e999", "edges[0].score is 1e999 where a number that fits float32 belongs")]
    [InlineData("\"score\": -3", "\"score\": \"3\"", "edges[0].score is \"3\" where a number that fits float32 belongs")]
    [InlineData("\"score\": -3", "\"score\": null", "it has no edges[0].score")]
    [InlineData("\"score\": -3", "\"score\": 1, \"score\": 2", "isn't valid JSON at line 14")]
    [InlineData("\"score\": -3", "\"score\": 1, \"exact\": \"x\"", "edges[0].exact is \"x\" where a number that fits float32 belongs")]
    [InlineData("\"sender\": \"embed\", \"receiver\": \"L0.q.1\"", "\"sender\": \"embed\", \"receiver\": \"L0.q.0\"", "has the edge embed → L0.q.0 twice")]
    [InlineData("\"receiver\": \"L0.q.1\"", "\"receiver\": \"L77.q.1\"", "edges[1] is none of the model's: There is no receiver 'L77.q.1'")]
    [InlineData("\"receiver\": \"L0.q.1\"", "\"receiver\": \"\\u001b[31m\\n\"", "edges[1] is none of the model's: There is no receiver")]
    [InlineData("\"sender\": \"embed\", \"receiver\": \"L0.q.1\"", "\"sender\": \"L0.mlp\", \"receiver\": \"L0.q.1\"", "There is no edge from L0.mlp to L0.q.1")]
    [InlineData("\"sender\": \"embed\", \"receiver\": \"L0.q.1\"", "\"receiver\": \"L0.q.1\"", "it has no edges[1].sender")]
    [InlineData("{\"sender\": \"embed\", \"receiver\": \"L0.q.1\"", "7, {\"sender\": \"embed\", \"receiver\": \"L0.q.1\"", "edges[1] is 7 where an object belongs")]
    [InlineData("\"edges\": [", "\"edges\": {}, \"other\": [", "edges is {} where an array belongs")]
    [InlineData("\"edges\": [", "\"other\": [", "it has no edges")]
    [InlineData("\"version\": 1", "\"version\": 2", "is a circuit file of version 2")]
    [InlineData("\"version\": 1", "\"version\": 1.5", "version is 1.5 where a whole number belongs")]
    [InlineData("\"layers\":3", "\"layers\":10000,\"x\":1", "a model of 10000 layers of 6 heads has 3,")]
    [InlineData("\"layers\":3", "\"layers\":-1", "model.layers is -1 where a whole number from 1 to 10000 belongs")]
    [InlineData("\"layers\":3", "\"layers\":2147483648", "model.layers is 2147483648 where a whole number from 1 to 10000 belongs")]
    [InlineData("\"heads\":6", "\"heads\":10000", "a model of 3 layers of 10000 heads has")]
    [InlineData("\"key_value_heads\":2", "\"key_value_heads\":0", "model.key_value_heads is 0 where a whole number from 1 to 6 belongs")]
    [InlineData("\"key_value_heads\":2", "\"key_value_heads\":7", "model.key_value_heads is 7 where a whole number from 1 to 6 belongs")]
    [InlineData("\"key_value_heads\":2", "\"key_value_heads\":4", "model.key_value_heads is 4, but it has to divide the 6 heads")]
    [InlineData("\"parallel\":false", "\"parallel\":0", "model.parallel is 0 where true or false belongs")]
    [InlineData("\"direction\": \"denoising\"", "\"direction\": \"both\"", "direction is 'both', and known are 'denoising', 'noising'")]
    [InlineData("\"pairs\": 1", "\"pairs\": 0", "pairs is 0 where a whole number from 1 to 2147483647 belongs")]
    [InlineData("\"metric\": \"logit_diff\",", "", "it has no metric")]
    [InlineData("\"format\": \"patchkernel/circuit\"", "\"format\": 3", "is no circuit file")]
    [InlineData("\"edges\": [", "\"edges\": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "isn't valid JSON at line 13")]
    public void Our_file_with_something_wrong_in_it(string text, string other, string why)
    {
        var json = Scored.ToJson();
        Assert.Contains(text, json, StringComparison.Ordinal);
        var at = json.IndexOf(text, StringComparison.Ordinal);
        Refused($"{json[..at]}{other}{json[(at + text.Length)..]}", why);
    }

    [Theory]
    [InlineData("", "isn't valid JSON")]
    [InlineData("[]", "isn't a JSON object")]
    [InlineData("{}", "is no circuit file")]
    [InlineData("{\"edges\": {}, \"nodes\": {}}", "is no circuit file")] // a graph of EAP-IG without its cfg
    [InlineData("digraph { a -> b }", "isn't valid JSON")]
    public void Another_file(string content, string why) => Refused(content, why);

    [Fact]
    public void A_folder_a_file_that_is_not_there_and_weights()
    {
        foreach (var (path, why) in new[] { (folder.Path, "folder"), (folder.File("none.json"), "none.json"), (Path.Combine(CliRun.Tiny, "model.safetensors"), "safetensors") })
            foreach (var run in new[] { Find(path), Draw(path), Test(path) }) Assert.Contains(why, run.Failure(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"n_layers\":3", "\"n_layers\":\"3\"", "cfg.n_layers is \"3\" where a whole number from 1 to 10000 belongs")]
    [InlineData("\"n_layers\":3", "\"n_layers\":9999", "The graph has 9999 layers of 6 heads, and the model 3 of 6")]
    [InlineData("\"n_layers\":3,", "", "it has no cfg.n_layers")]
    [InlineData("\"parallel_attn_mlp\":false", "\"parallel_attn_mlp\":true", "The graph has 3 layers of 6 heads beside an MLP, and the model 3 of 6")]
    [InlineData("\"cfg\":{", "\"cfg\":[], \"x\":{", "cfg is [] where an object belongs")]
    [InlineData("\"nodes\":{", "\"other\":{", "it has no nodes")]
    [InlineData("\"score\":-3", "\"score\":NaN", "isn't valid JSON at line 1")]
    [InlineData("\"score\":-3", "\"score\":1e999", "where a number that fits float32 belongs")]
    [InlineData("\"score\":-3,", "", "it has no edges[\"input->a0.h0<q>\"].score")]
    [InlineData("\"input->a0.h0<q>\":{", "\"input->a9.h0<q>\":{", "The graph has an edge 'input->a9.h0<q>', which the model lacks")]
    [InlineData("\"input->a0.h0<q>\":{", "\"input->a0.h0<k>\":{", "isn't valid JSON at line 1")] // the key is there twice then
    [InlineData("\"input->a0.h0<q>\":{", "\"a->b\\u001b[31m\":{", "The graph has an edge")]
    [InlineData("\"input->a0.h0<k>\":{\"score\":3,\"in_graph\":true", "\"input->a0.h0<k>\":{\"score\":3,\"in_graph\":false", "and both query heads read one key/value head, L0.k.0")]
    [InlineData("\"in_graph\":true", "\"in_graph\":1", "in_graph is 1 where true or false belongs")]
    [InlineData("\"edges\":{", "\"edges\":[], \"x\":{", "edges is [] where an object belongs")]
    public void A_graph_of_EAP_IG_with_something_wrong_in_it(string text, string other, string why)
    {
        var json = EapIgGraph.Of(Config, Scored.Scores()).ToJson();
        Assert.Contains(text, json, StringComparison.Ordinal);
        var at = json.IndexOf(text, StringComparison.Ordinal);
        File.WriteAllText(folder.File("g.json"), $"{json[..at]}{other}{json[(at + text.Length)..]}");
        var message = Test(folder.File("g.json")).Failure();
        Assert.Contains(why, message, StringComparison.Ordinal);
        Trial.CheckSentence(message);
    }

    [Fact]
    public void Texts_of_a_file_reach_the_terminal_and_the_page_as_texts()
    {
        var file = folder.File("c.json");
        (Scored with { Model = "\u001b[31m</script><script>alert(1)</script>", Method = "<b>eap</b>\n", Edges = [.. Scored.Edges.Take(5)] }).Save(file);
        var run = Test(file);
        run.Well();
        Assert.DoesNotContain('\u001b', run.Output + run.Error);
        Draw(file).Well();
        var page = File.ReadAllText(folder.File("drawn.html"));
        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>eap", page, StringComparison.Ordinal);
        (Scored with { Metric = $"x\n{new string('y', 100_000)}" }).Save(file);
        var refusal = Test(file).Failure();
        Assert.True(refusal.Length < 1000, $"{refusal.Length} characters");
        Assert.StartsWith("There is no metric 'x", refusal, StringComparison.Ordinal);
    }

    private void Refused(string content, string why)
    {
        var file = folder.File("c.json");
        File.WriteAllText(file, content);
        foreach (var run in new[] { Find(file), Draw(file), Test(file) })
        {
            var message = run.Failure();
            Assert.Contains(why, message, StringComparison.Ordinal);
            Trial.CheckSentence(message, file);
        }
        Assert.False(File.Exists(folder.File("found.json")) || File.Exists(folder.File("drawn.html")));
    }
}
