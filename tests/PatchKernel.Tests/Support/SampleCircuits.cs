namespace PatchKernel.Tests;

/// <summary>Circuits with scores as models have them: a few large, many small, of both signs.</summary>
internal static class SampleCircuits
{
    /// <summary>GPT-2 small's shape.</summary>
    public static EdgeGraph Small { get; } = GraphOf(12, 12, 12);

    /// <summary>The mini model's shape: two heads share a key and a value.</summary>
    public static EdgeGraph Mini { get; } = GraphOf(8, 4, 2);

    public static EdgeGraph GraphOf(int layers, int heads, int keyValueHeads) => new(RandomModel.Config with { NLayers = layers, NHeads = heads, NKeyValueHeads = keyValueHeads });

    /// <summary>Some of a graph's edges; those of the embedding and of MLPs, and those that lead to the logits, are drawn more often.</summary>
    public static ScoredEdge[] Of(EdgeGraph graph, int count, bool withExact = false, int seed = 1)
    {
        var random = new Random(seed);
        return [.. graph.Edges
            .Select(edge => (Edge: edge, Order: random.NextDouble() / Weight(edge), Size: Math.Exp(1.3 * Normal(random) - 3), Sign: random.NextDouble() < 0.3 ? -1 : 1))
            .OrderBy(edge => edge.Order).Take(count)
            .Select(edge => new ScoredEdge(edge.Edge, (float)(edge.Sign * edge.Size), withExact ? (float)(edge.Sign * edge.Size * (0.7 + 0.6 * random.NextDouble())) : null))];
    }

    private static double Weight(Edge edge) => (edge.Sender.EndsWith("mlp", StringComparison.Ordinal) || edge.Sender == "embed" ? 4 : 1)
        * (edge.Receiver == "logits" || edge.Receiver.EndsWith("mlp", StringComparison.Ordinal) ? 4 : 1);

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>Estimates that are near the exact effects, and a few that have the wrong sign.</summary>
    public static AgreementPoint[] Checked(int count, double scale, int seed)
    {
        var random = new Random(seed);
        return [.. Of(Small, count, seed: seed).Select((edge, i) =>
            new AgreementPoint(edge.Edge.ToString(), (float)(edge.Score * scale), (float)(edge.Score * scale * (i % 9 == 4 ? -0.4 : 0.7 + 0.6 * random.NextDouble()))))];
    }

    /// <summary>The chart of a circuit.</summary>
    public static ResultChart Chart(EdgeGraph graph, int count, bool withExact = false) => CircuitChart.Draw(graph, Of(graph, count, withExact), new()
    {
        Caption = ["mini, pair einstein · logit_diff", "eap-ig, 5 steps, gradient at the corrupt run; denoising, positive helps the clean answer"],
    });

    /// <summary>The chart of estimates and their exact effects.</summary>
    public static ResultChart Agreements() => AgreementChart.Draw(Checked(50, 1, 2), Checked(50, 0.1, 3), new()
    {
        Caption = ["mini, pair einstein · logit_diff", "eap, gradient at the corrupt run"],
        Estimate = "Estimate (eap), logits",
        Exact = "Exact effect, logits",
    });

    /// <summary>The chart of how faithful circuits are.</summary>
    public static ResultChart Faithfulness()
    {
        double[] shares = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];
        float[] random = [.. shares.Select(share => (float)Math.Pow(share, 1.5))];
        return FaithfulnessChart.Draw(shares,
        [
            new("eap-ig, signed", [0.02f, 0.05f, 0.2f, 0.45f, 0.66f, 0.81f, 0.95f, 1.04f, 1.02f, 1]),
            new("eap-ig, by size", [0, -0.1f, 0.1f, 0.2f, 0.4f, 0.5f, 0.7f, 0.9f, 0.97f, 1]),
            new("exact, signed", [0, 0, 0.01f, 0, 0.01f, 0.02f, 0.3f, 0.5f, 0.9f, 1]),
            new("random circuits", random) { IsControl = true, Lower = [.. random.Select(value => value - 0.1f * (1 - value))], Upper = [.. random.Select(value => value + 0.1f * (1 - value))] },
        ], new() { Caption = ["mini, 50 held-out pairs · logit_diff; other edges from the corrupt run"] });
    }
}
