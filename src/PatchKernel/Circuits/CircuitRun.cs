using PatchKernel.Circuits;
using PatchKernel.Metrics;
using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Circuits put to the test: the clean run in which only a circuit's edges are live, and all others carry something else.</summary>
/// <remarks>Wang et al. 2022, arXiv:2211.00593; Goldowsky-Dill et al. 2023, arXiv:2304.05969; edges as in Hanna et al. 2024, arXiv:2403.17806.</remarks>
public static class CircuitRun
{
    // More circuits side by side read the weights no less often than once, and what doesn't fit in the cache goes slower.
    private const long MostBytes = 256 << 20;

    /// <summary>Runs circuits, and measures the last position's logits.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pair">The two prompts and their targets.</param>
    /// <param name="circuits">The circuits, all of the model's graph.</param>
    /// <param name="options">What the other edges carry, and what is measured.</param>
    /// <param name="progress">Receives the number of circuits done.</param>
    /// <param name="cancel">Stops before the next layer; in a notebook, the stop button does where none is given.</param>
    /// <returns>Managed arrays; every tensor that was made is freed.</returns>
    /// <exception cref="PatchKernelException">The pair, an option or a circuit makes it impossible; the message says why.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static CircuitResult Run(
        LanguageModel model, PromptPair pair, IReadOnlyList<Circuit> circuits, CircuitOptions? options = null, IProgress<SweepProgress>? progress = null,
        CancellationToken cancel = default)
    {
        cancel = HostStop.Or(cancel);
        options ??= new();
        Check(model, [pair], circuits, options);
        using var noGrad = no_grad();
        return OutOfMemory.Guard(() => Measured(model, new EdgeGraph(model.Config), pair, circuits, options, progress, cancel));
    }

    /// <summary>Refuses what can't be run, before anything is.</summary>
    /// <exception cref="PatchKernelException">A pair, an option or a circuit makes it impossible.</exception>
    internal static void Check(LanguageModel model, IReadOnlyList<PromptPair> pairs, IReadOnlyList<Circuit> circuits, CircuitOptions options)
    {
        foreach (var pair in pairs)
        {
            _ = PairCheck.Run(pair, model.Config.DVocab).ThrowIfErrors();
            options.Check(pair);
        }
        IReadOnlyList<Prompt> sources = options.Source switch { PatchSource.Mean mean => mean.Prompts, PatchSource.Resampled resampled => [resampled.Prompt], _ => [] };
        foreach (var prompt in sources) new ForwardPass(model).Check(new TappedRun(prompt.Ids, Activations.TapSequence.None));
        if (circuits.Count == 0) throw new PatchKernelException("There is no circuit to run; give at least one.");
        var graph = new EdgeGraph(model.Config);
        foreach (var circuit in circuits) circuit.CheckFor(model.Name, graph);
    }

    private static CircuitResult Measured(
        LanguageModel model, EdgeGraph graph, PromptPair pair, IReadOnlyList<Circuit> circuits, CircuitOptions options, IProgress<SweepProgress>? progress, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        var runs = UnpatchedRuns.Of(model, pair, options.Metrics, cancel);
        var baseline = Baseline.Of(model, runs, options.Metrics);
        var run = UnpatchedRuns.Run(pair, pair.Clean, options.Metrics);
        var forward = new CircuitForward(model, graph, run, new AblatedSenders(model, pair, options, cancel).Outputs());
        Circuit[] all = [.. circuits, new Circuit(graph)];
        var measurement = new Measurement(options.Metrics, options.KeepLogits, runs, all.Length, runs.Clean, run.Read);
        foreach (var part in Enumerable.Range(0, all.Length).Chunk(Together(model, graph, run, options)))
        {
            progress?.Report(new SweepProgress(Math.Min(part[0], circuits.Count), circuits.Count));
            using var partScope = NewDisposeScope();
            var logits = forward.Logits([.. part.Select(circuit => all[circuit])], cancel);
            if (!NonFinite.IsFinite(logits))
                throw new PatchKernelException($"The logits of the circuit of {all[part.First(circuit => !NonFinite.IsFinite(logits[circuit - part[0]]))]} are infinite or not a number; run the model in float32, or take a source that is nearer to what the model sees.");
            measurement.Read(part, logits);
        }
        progress?.Report(new SweepProgress(circuits.Count, circuits.Count));
        return new CircuitResult
        {
            Model = model.Summary,
            Pair = pair,
            Circuits = circuits,
            Source = options.Source.Name,
            Metrics = options.Metrics,
            CleanRun = baseline.Clean,
            CorruptRun = baseline.Corrupt,
            Values = measurement.Values.ToDictionary(entry => entry.Key, entry => entry.Value[..^1]),
            Empty = measurement.Values.ToDictionary(entry => entry.Key, entry => entry.Value[^1]),
            Logits = measurement.Kept?[..^1],
        };
    }

    /// <summary>How many circuits go through the layers side by side.</summary>
    private static int Together(LanguageModel model, EdgeGraph graph, TappedRun run, CircuitOptions options)
    {
        var (room, each) = (MemoryRoom.Of(model, options.Memory), CircuitForward.Bytes(graph, model.Config, run.Ids.Count));
        room.RefuseLess(2 * each, $"A circuit's run of {run.Ids.Count:N0} tokens");
        var most = model.DeviceMap.Parts.All(part => part.Home == WeightHome.Device) ? Math.Min(room.Planned, MostBytes) : room.Planned;
        return (int)Math.Clamp(most / each, 1, 1024);
    }
}
