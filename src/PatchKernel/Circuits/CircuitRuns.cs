using PatchKernel.Metrics;
using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Circuits;

/// <summary>Circuits under way, on one pair or several: prompts of equal length go through the layers together, each with all circuits, as many as there is memory for.</summary>
internal sealed class CircuitRuns(LanguageModel model, EdgeGraph graph, IReadOnlyList<Circuit> circuits, CircuitOptions options)
{
    // More circuits side by side read the weights no less often than once, and what doesn't fit in the cache goes slower.
    private const long MostBytes = 256 << 20;

    private readonly Circuit[] all = [.. circuits, new Circuit(graph)]; // the last one is the floor
    private int done;

    /// <summary>Receives the number of circuits done, over all pairs.</summary>
    public IProgress<SweepProgress>? Progress { get; init; }

    /// <summary>Stops before the next layer.</summary>
    public CancellationToken Cancel { get; init; }

    /// <summary>Runs all circuits on some pairs.</summary>
    /// <param name="pairs">The pairs.</param>
    /// <param name="found">Receives a pair's place and what its circuits came to; pairs of one length come together.</param>
    public void Run(IReadOnlyList<PromptPair> pairs, Action<int, CircuitResult> found)
    {
        done = 0;
        Report(0, pairs.Count);
        using var ablated = new AblatedSenders(model, options, Cancel);
        foreach (var group in pairs.Index().GroupBy(pair => UnpatchedRuns.Run(pair.Item, pair.Item.Clean, options.Metrics) is var run ? (run.Ids.Count, run.Read) : default))
        {
            var together = Together(group.Key.Count);
            foreach (var part in group.Chunk(Math.Max(1, together / all.Length)))
                foreach (var ((index, _), result) in part.Zip(OfBatch(pairs, [.. part.Select(pair => pair.Index)], ablated, together))) found(index, result);
        }
    }

    private CircuitResult[] OfBatch(IReadOnlyList<PromptPair> pairs, int[] some, AblatedSenders ablated, int together)
    {
        using var scope = NewDisposeScope();
        var unpatched = UnpatchedRuns.Of(model, [.. some.Select(at => pairs[at])], options.Metrics, Cancel);
        TappedRun[] runs = [.. some.Select(at => UnpatchedRuns.Run(pairs[at], pairs[at].Clean, options.Metrics))];
        Tensor[] instead = [.. some.Select(at => ablated.Outputs(pairs[at])).OfType<Tensor>()];
        var forward = new CircuitForward(model, graph, runs, instead.Length == 0 ? null : stack(instead));
        Measurement[] measured = [.. unpatched.Zip(runs, (pair, run) => new Measurement(options.Metrics, options.KeepLogits, pair, all.Length, pair.Clean, run.Read))];
        foreach (var part in Enumerable.Range(0, all.Length).Chunk(Math.Max(1, together / some.Length)))
        {
            using var partScope = NewDisposeScope();
            var logits = forward.Logits([.. part.Select(circuit => all[circuit])], Cancel).chunk(some.Length); // [circuits, positions, d_vocab] of each pair
            for (var at = 0; at < some.Length; at++) EdgePairs.Named(pairs, some[at], () => Measure(measured[at], part, logits[at]));
            Report(some.Length * part.Length, pairs.Count);
        }
        return [.. measured.Zip(unpatched, Result)];
    }

    private void Measure(Measurement measurement, int[] some, Tensor logits)
    {
        if (!NonFinite.IsFinite(logits))
            throw new PatchKernelException($"The logits of the circuit of {all[some.First(circuit => !NonFinite.IsFinite(logits[circuit - some[0]]))]} are infinite or not a number; run the model in float32, or take a source that is nearer to what the model sees.");
        measurement.Read(some, logits);
    }

    private CircuitResult Result(Measurement measurement, UnpatchedRuns runs)
    {
        var (clean, corrupt) = Baseline.Of(model, runs, options.Metrics);
        return new()
        {
            Model = model.Summary,
            Pair = runs.Pair,
            Circuits = circuits,
            Source = options.Source.Name,
            Metrics = options.Metrics,
            CleanRun = clean,
            CorruptRun = corrupt,
            Values = measurement.Values.ToDictionary(entry => entry.Key, entry => entry.Value[..^1]),
            Empty = measurement.Values.ToDictionary(entry => entry.Key, entry => entry.Value[^1]),
            Logits = measurement.Kept?[..^1],
        };
    }

    /// <summary>How many runs go through the layers side by side.</summary>
    private int Together(int length)
    {
        var (room, each) = (MemoryRoom.Of(model, options.Memory), CircuitForward.Bytes(graph, model.Config, length));
        room.RefuseLess(2 * each, $"A circuit's run of {length:N0} tokens");
        var most = model.DeviceMap.Parts.All(part => part.Home == WeightHome.Device) ? Math.Min(room.Planned, MostBytes) : room.Planned;
        return (int)Math.Clamp(most / each, 1, 1024);
    }

    private void Report(int more, int pairs) => Progress?.Report(new SweepProgress(Math.Min(done += more, pairs * circuits.Count), pairs * circuits.Count));
}
