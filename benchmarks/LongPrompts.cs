using System.Diagnostics;
using System.Globalization;
using PatchKernel.Costs;
using PatchKernel.Sweeps;
using PatchKernel.Text;
using TorchSharp;

namespace PatchKernel.Benchmarks;

/// <summary>Sweeps and runs of long prompts: how much the process grows beside the weights, and in how many groups of cells.</summary>
/// <remarks>
/// A whole sweep of SmolLM2 whose prompts differ at the front is hours of arithmetic, so two layers of its shape stand for it: the rows of both, and the
/// lanes, are as long as they would be.
/// </remarks>
internal static class LongPrompts
{
    private static readonly Shape SmolLM2 = Shape.All.Single(shape => shape.Name == "smollm2");
    private static readonly Shape TwoLayers = new("smollm2, 2 layers", SmolLM2.Config with { NLayers = 2 });

    public static void Run(bool quick)
    {
        Console.WriteLine("shape              tokens  first  allowed  groups   seconds   grown MB   TFLOP");
        Sweep(SmolLM2, memory: null, (512, 502), (1024, 1014), (2048, 2038));
        if (!quick) Sweep(SmolLM2, memory: null, (512, 256));
        Sweep(TwoLayers, memory: null, (512, 0), (1024, 0));
        Sweep(TwoLayers, memory: 400_000_000, (512, 0), (1024, 0));
        if (!quick) Sweep(TwoLayers, memory: 1_000_000_000, (2048, 1024));
        Predict(new Shape("tiny", Shape.Of(layers: 4, dModel: 64, heads: 4, kvHeads: 2, dMlp: 128, vocabulary: 200)), 12_000);
    }

    private static void Sweep(Shape shape, long? memory, params (int Tokens, int First)[] cases)
    {
        using var model = shape.Create(torch.ScalarType.Float32);
        foreach (var (tokens, first) in cases)
        {
            SweepRequest request = new(shape.Pair(tokens, seed: 1, first), new SweepOptions { Memory = memory, Verify = 0 });
            using var plan = new SweepPlan(model, [request]);
            var groups = new SweepRun(model, plan, progress: null, CancellationToken.None).PlanGroups().Count;
            var watch = Stopwatch.StartNew();
            var grown = Machine.Growth(() => PatchKernel.Sweep.Run(model, [request]));
            Print(shape.Name, tokens, first, memory, groups, watch.Elapsed.TotalSeconds, grown, new SweepWork(shape.Config, SiteTable.Of(Activation.ResidPost, null), tokens, first).Wavefront);
        }
    }

    private static void Predict(Shape shape, int tokens)
    {
        using var model = shape.Create(torch.ScalarType.Float32);
        var ids = shape.Pair(tokens, seed: 1).Clean.Ids;
        var watch = Stopwatch.StartNew();
        var grown = Machine.Growth(() => model.NextTokenLogits(ids));
        Print($"{shape.Name}, one run", tokens, null, null, 1, watch.Elapsed.TotalSeconds, grown, null);
    }

    private static void Print(string shape, int tokens, int? first, long? memory, int groups, double seconds, double? grown, double? flop) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{shape,-18} {tokens,6} {first,6} {(memory is { } bytes ? ByteCount.Text(bytes) : "free"),8} {groups,7} {seconds,9:0.0} {grown,10:0} {flop / 1e12,7:0.00}"));
}
