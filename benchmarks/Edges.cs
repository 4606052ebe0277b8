using System.Diagnostics;
using System.Globalization;
using PatchKernel.Models;
using TorchSharp;

namespace PatchKernel.Benchmarks;

/// <summary>Edges of GPT-2 small's shape, 15 tokens whose first difference is in the middle, in multiples of a plain forward.</summary>
internal static class Edges
{
    private const int Tokens = 15;

    private static readonly Shape Gpt2 = new("gpt2", Shape.Of(layers: 12, dModel: 768, heads: 12, kvHeads: 12, dMlp: 3072, vocabulary: 50257) with
    {
        Biases = Matrices.Attention | Matrices.In | Matrices.Out,
        Layout = TensorLayout.Gguf,
        Parts = new PartList { Norm = NormKind.Layer with { HasBias = true }, LearnedPositions = true, Gated = false, Nonlinearity = Nonlinearity.GeluTanh },
        Rope = null,
        MaxPositions = 1024,
    });

    public static void Run(bool quick)
    {
        torch.set_num_threads(Environment.ProcessorCount);
        using var model = Gpt2.Create(torch.ScalarType.Float32);
        var pair = Gpt2.Pair(Tokens, seed: 1);
        var graph = new EdgeGraph(model.Config);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{graph}, {Tokens} tokens, {Process.GetCurrentProcess().WorkingSet64 / 1e9:0.00} GB with the weights"));
        var forward = Best(8, () => model.NextTokenLogits(pair.Clean.Ids));
        Print("a plain forward", forward, forward);
        Estimate("EAP", new AttributionOptions { Metric = Metric.LogitDiff });
        Estimate("EAP-IG, 5 steps", new AttributionOptions { Metric = Metric.LogitDiff, Method = EdgeMethod.EapIg });
        PromptPair[] pairs = [.. Enumerable.Range(1, 8).Select(seed => Gpt2.Pair(Tokens, seed))];
        EstimateEach("EAP, 8 pairs, each", new AttributionOptions { Metric = Metric.LogitDiff });
        EstimateEach("EAP-IG 5, 8 pairs, each", new AttributionOptions { Metric = Metric.LogitDiff, Method = EdgeMethod.EapIg });
        Circuit[] circuits = [.. Enumerable.Range(1, 10).Select(part => new Circuit(graph, graph.Edges.Where((_, edge) => edge % 10 < part)))];
        Print("10 circuits", Best(2, () => CircuitRun.Run(model, pair, circuits)), forward);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak {Peak():0.00} GB"));
        var chosen = quick ? graph.Edges.Where((_, edge) => edge % 10 == 0).ToArray() : [.. graph.Edges];
        var exact = Best(1, () => PathPatching.Run(model, pair, new PathOptions { Edges = chosen }));
        Print(string.Create(CultureInfo.InvariantCulture, $"{chosen.Length:N0} edges exactly"), exact, forward);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{exact / forward / chosen.Length:0.0000} forwards an edge; peak {Peak():0.00} GB"));

        void Estimate(string name, AttributionOptions options) => Print(name, Best(5, () => EdgeAttribution.Run(model, pair, options)), forward);

        void EstimateEach(string name, AttributionOptions options) => Print(name, Best(3, () => EdgeAttribution.Run(model, pairs, options)) / pairs.Length, forward);
    }

    private static double Best(int times, Action action)
    {
        var best = double.MaxValue;
        for (var time = 0; time < times; time++)
        {
            var watch = Stopwatch.StartNew();
            action();
            best = Math.Min(best, watch.Elapsed.TotalSeconds);
        }
        return best;
    }

    private static void Print(string what, double seconds, double forward) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-28} {seconds,8:0.000} s {seconds / forward,10:0.0} forwards"));

    private static double Peak()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 / 1e9;
    }
}
