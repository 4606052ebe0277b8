using PatchKernel.Metrics;
using PatchKernel.Models;
using PatchKernel.Sweeps;
using static TorchSharp.torch;

namespace PatchKernel.Circuits;

/// <summary>Exact effects of edges, one by one: all in one pass through the layers, or by a full forward each.</summary>
internal sealed class ExactEdges(LanguageModel model, EdgeGraph graph, int[] chosen, PromptPair pair, PathOptions options, PairCheck check)
{
    /// <summary>The methods' names in results.</summary>
    public const string Exact = "exact", Naive = "exact-naive";

    private UnpatchedRuns? runs;
    private Measurement? measurement;
    private Baseline? baseline;

    /// <summary>Receives the number of edges done.</summary>
    public IProgress<SweepProgress>? Progress { get; init; }

    /// <summary>Stops before the next layer.</summary>
    public CancellationToken Cancel { get; init; }

    public EdgeResult Run()
    {
        int[] order = options.Naive ? RunNaive() : RunWavefront();
        return new EdgeResult
        {
            Model = model.Summary,
            Pair = pair,
            Edges = [.. chosen.Select(edge => graph.Edges[edge])],
            Method = options.Naive ? Naive : Exact,
            Direction = options.Direction,
            Positions = options.Positions,
            Metrics = options.Metrics,
            CleanRun = baseline!.Clean,
            CorruptRun = baseline.Corrupt,
            Values = measurement!.Values.ToDictionary(entry => entry.Key, entry => InOrder(entry.Value)),
            Logits = measurement.Kept is { } kept ? InOrder(kept) : null,
        };

        T[] InOrder<T>(T[] values)
        {
            var placed = new T[values.Length];
            for (var at = 0; at < order.Length; at++) placed[order[at]] = values[at];
            return placed;
        }
    }

    private Prompt Patched => options.Direction == Direction.Denoising ? pair.Corrupt : pair.Clean;

    private int[] RunNaive()
    {
        Begin(UnpatchedRuns.Of(model, pair, options.Metrics, Cancel));
        using var naive = new NaivePaths(model, graph, pair, options, Cancel);
        var done = 0;
        naive.Run([.. chosen.Select(edge => new[] { edge })], (edges, logits) =>
        {
            Measure([.. edges], logits, edge => chosen[edge]);
            Progress?.Report(new SweepProgress(done += edges.Length, chosen.Length));
        });
        return [.. Enumerable.Range(0, chosen.Length)];
    }

    private int[] RunWavefront()
    {
        var answer = Metric.ReadBehind(pair, options.Metrics);
        Lane[] lanes = [LaneOf(Patched), LaneOf(Patched == pair.Clean ? pair.Corrupt : pair.Clean)];
        var plan = new EdgePlan(model, graph, [.. chosen.Select(edge => graph.Places[edge])], lanes, options.Positions);
        var memory = new SweepMemory(model.Config, [plan.Length, plan.Length], [plan.Task.Site]);
        var room = MemoryRoom.Of(model, options.Memory);
        var kept = options.KeepLogits ? (long)chosen.Length * model.Config.DVocab * sizeof(float) : 0;
        room.RefuseLess(memory.Least(model.Weights.MostUnembeddingRows) + plan.Differences(model.Config) + kept, $"Path patching of prompts of {plan.Length:N0} tokens");
        var groups = plan.Groups(model, memory, room with { Free = room.Free - kept });
        using var differences = new SenderDifferences(model, graph, plan.First, plan.Length, options.Positions);
        var logits = new RowLogits(model, lanes, memory.LogitRows(room, model.Weights.MostUnembeddingRows));
        Report(0);
        new Wavefront(model, lanes, [], new EdgeJoins(plan, differences)).Run(groups, Read, Report, Cancel);
        return plan.Order;

        Lane LaneOf(Prompt prompt) => new([.. prompt.Ids, .. answer], Answer: answer.Count);

        void Report(double share) => Progress?.Report(new SweepProgress((int)(share * chosen.Length), chosen.Length) { Groups = groups.Count });

        void Read(List<Rows> rows) => logits.Read(
            rows, ofLanes => Begin(OfLanes(ofLanes)), (_, edges, values) => Measure(edges, values, edge => chosen[plan.Order[edge]]), Cancel);
    }

    private UnpatchedRuns OfLanes(float[][] logits)
    {
        foreach (var (lane, prompt) in new[] { Patched, Patched == pair.Clean ? pair.Corrupt : pair.Clean }.Index())
            if (!logits[lane].All(float.IsFinite))
                throw NonFinite.Error(model, [UnpatchedRuns.Run(pair, prompt, options.Metrics)], 0, prompt == pair.Clean ? "The clean run's" : "The corrupt run's", Cancel);
        return options.Direction == Direction.Denoising ? new(pair, logits[1], logits[0]) : new(pair, logits[0], logits[1]);
    }

    /// <summary>Looks at the unpatched runs, and fills every edge with the one that is patched.</summary>
    private void Begin(UnpatchedRuns unpatched)
    {
        runs = unpatched;
        baseline = Baseline.Of(model, runs, options.Metrics);
        check.WithRuns(baseline, options.Metric).ThrowIfErrors();
        var patched = options.Direction == Direction.Denoising ? runs.Corrupt : runs.Clean;
        measurement = new Measurement(options.Metrics, options.KeepLogits, runs, chosen.Length, patched, patched.Length / model.Config.DVocab);
    }

    private void Measure(int[] edges, Tensor logits, Func<int, int> inGraph)
    {
        if (!NonFinite.IsFinite(logits)) throw NaivePaths.NonFinite(graph.Edges[inGraph(edges.First(edge => !NonFinite.IsFinite(logits[Array.IndexOf(edges, edge)])))]);
        measurement!.Read(edges, logits);
    }
}
