namespace PatchKernel.Tests.Circuits;

/// <summary>Edges and circuits of a model whose weights are read layer by layer, or narrower than float32.</summary>
public sealed class PlacedCircuitTests
{
    private static readonly string Folder = TestData.InRepository("tests", "PatchKernel.Tests", "Data", "tiny", "sharded-bf16");

    private readonly PromptPair pair = PromptPair.FromIds([3, 4, 5, 6, 7], [3, 4, 9, 6, 7], 5, 90);

    [Theory, InlineData("float32", 1e-6f), InlineData("bfloat16", 1e-6f)]
    public void Streamed_and_resident_weights_give_the_same(string dtype, float tolerance)
    {
        using var resident = LanguageModel.Load(Folder, dtype, "cpu", Residency.All);
        using var streamed = LanguageModel.Load(Folder, dtype, "cpu", Residency.Streamed);
        foreach (var (name, expected) in Numbers(resident)) Near.Equal(expected, Numbers(streamed)[name], tolerance, name);
    }

    [Fact]
    public void Bfloat16_is_near_float32()
    {
        using var wide = LanguageModel.Load(Folder, "float32", "cpu");
        using var narrow = LanguageModel.Load(Folder, "bfloat16", "cpu");
        foreach (var (name, expected) in Numbers(wide)) Near.Equal(expected, Numbers(narrow)[name], 0.05f * Math.Max(1, expected.Max(Math.Abs)), name);
    }

    private Dictionary<string, float[]> Numbers(LanguageModel model)
    {
        var graph = new EdgeGraph(model.Config);
        Circuit[] circuits = [new(graph, graph.Edges.Where((_, edge) => edge % 3 > 0)), Circuit.Whole(graph)];
        var some = graph.Edges.Where((_, edge) => edge % 23 == 1).ToArray();
        return new()
        {
            ["exact"] = PathPatching.Run(model, pair).Scores(Metric.LogitDiff),
            ["naive"] = PathPatching.Run(model, pair, new PathOptions { Naive = true, Edges = some }).Scores(Metric.LogitDiff),
            ["eap-ig"] = EdgeAttribution.Run(model, pair, new AttributionOptions { Method = EdgeMethod.EapIg, Steps = 2, Metric = Metric.LogitDiff }).Scores(),
            ["circuits"] = CircuitRun.Run(model, pair, circuits).Raw(Metric.LogitDiff),
        };
    }
}
