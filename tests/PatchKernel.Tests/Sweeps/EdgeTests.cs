using System.Text.Json;
using PatchKernel.Circuits;

namespace PatchKernel.Tests.Sweeps;

/// <summary>The graph of components, and estimates of its edges.</summary>
public sealed class EdgeTests
{
    public static TheoryData<string> Checkpoints => TinyCase.All;

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Every_edge_s_estimates_are_the_golden_ones(string name)
    {
        using var tiny = new TinyCase(name);
        var (facts, golden) = Golden(name);
        var graph = new EdgeGraph(tiny.Model.Config);
        Assert.Equal(facts.GetProperty("senders").EnumerateArray().Select(sender => sender.GetString()!), graph.Senders);
        Assert.Equal(facts.GetProperty("receivers").EnumerateArray().Select(receiver => receiver.GetString()!), graph.Receivers);
        Assert.Equal(facts.GetProperty("edges").EnumerateArray().Select(edge => (edge[0].GetString()!, edge[1].GetString()!)), graph.Edges.Select(graph.NamesOf));
        foreach (var (array, steps) in new[] { ("eap", 1), ("eap_ig5", 5) })
        {
            var expected = golden.Floats(array);
            var largest = expected.Max(Math.Abs);
            Near.Equal(expected, EdgeScores.Of(tiny.Model, graph, tiny.Pair, Metric.LogitDiff, steps, CancellationToken.None), 1e-4f * largest, array);
        }
    }

    private static (JsonElement Facts, GoldenArrays Arrays) Golden(string name)
    {
        var kind = TinyCase.OfFamilies.Any(family => family.Data == name) ? "families" : "tiny";
        return (JsonDocument.Parse(File.ReadAllText(TestData.Golden("oracle", kind, name, "edges.json"))).RootElement, new GoldenArrays(TestData.Golden("oracle", kind, name, "edges.safetensors")));
    }
}
