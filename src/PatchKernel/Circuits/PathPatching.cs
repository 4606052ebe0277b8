using PatchKernel.Circuits;
using PatchKernel.Metrics;
using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Path patching: what one edge between two components does, exactly.</summary>
/// <remarks>
/// An edge's difference, what its sender writes in the other run less what it writes in this one, is added to the stream as the edge's one receiver reads it; all behind the
/// receiver recomputes. Where a norm stands behind attention, a head's output is its share of the normed sum at that run's own norm. Wang et al. 2022, arXiv:2211.00593;
/// Goldowsky-Dill et al. 2023, arXiv:2304.05969.
/// </remarks>
public static class PathPatching
{
    /// <summary>Patches edges one by one, and measures the last position's logits.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pair">The two prompts and their targets.</param>
    /// <param name="options">Which edges, at which positions, and what is measured.</param>
    /// <param name="progress">Receives the number of edges done.</param>
    /// <param name="cancel">Stops before the next layer; in a notebook, the stop button does where none is given.</param>
    /// <returns>Managed arrays; every tensor that was made is freed.</returns>
    /// <exception cref="PatchKernelException">The pair, an option or the gap between the runs makes it impossible; the message says why.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static EdgeResult Run(
        LanguageModel model, PromptPair pair, PathOptions? options = null, IProgress<SweepProgress>? progress = null, CancellationToken cancel = default)
    {
        cancel = HostStop.Or(cancel);
        options ??= new();
        EdgePairs.Check(model, [pair], options.Check);
        var graph = new EdgeGraph(model.Config);
        var chosen = Chosen(graph, options);
        using var noGrad = no_grad();
        return Exact(model, graph, chosen, pair, options, progress, cancel);
    }

    /// <summary>Patches edges one by one over several pairs: mean effects, with their standard errors and intervals.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pairs">The pairs; lengths may differ from pair to pair.</param>
    /// <param name="options">Which edges, at which positions, and what is measured.</param>
    /// <param name="progress">Receives the number of edges done, over all pairs.</param>
    /// <param name="cancel">Stops before the next layer; in a notebook, the stop button does where none is given.</param>
    /// <returns>Managed arrays; every tensor that was made is freed.</returns>
    /// <exception cref="PatchKernelException">There is no pair, or a pair, an option or a gap between runs makes it impossible; the message says which and why.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static EdgeAverage Run(
        LanguageModel model, IReadOnlyList<PromptPair> pairs, PathOptions? options = null, IProgress<SweepProgress>? progress = null, CancellationToken cancel = default)
    {
        cancel = HostStop.Or(cancel);
        options ??= new();
        EdgePairs.Check(model, pairs, options.Check);
        if (options.KeepLogits) throw new PatchKernelException("Logits are kept of one pair's edges, and these are means over pairs; leave KeepLogits out, or patch one pair.");
        var (graph, means) = (new EdgeGraph(model.Config), new EdgeMeans(options.Metrics, pairs.Count, options.KeepPairScores));
        var chosen = Chosen(graph, options);
        using var noGrad = no_grad();
        EdgeResult? last = null;
        foreach (var (at, pair) in pairs.Index())
            EdgePairs.Named(pairs, at, () =>
            {
                last = Exact(model, graph, chosen, pair, options, EdgePairs.Part(progress, at, pairs.Count), cancel);
                means.Add(at, new(new(last.CleanRun, last.CorruptRun), [.. options.Metrics.Select(last.Scores)]));
            });
        return means.Result(model, pairs, last!.Edges, last.Method, options.Direction) with { Positions = options.Positions, Roles = options.Roles };
    }

    /// <summary>Patches several edges together, set by set, each a full forward: one sender to a set of receivers, say.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pair">The two prompts and their targets.</param>
    /// <param name="sets">The sets of edges.</param>
    /// <param name="options">At which positions, and what is measured; <see cref="PathOptions.Edges"/> is left alone.</param>
    /// <param name="cancel">Stops before the next layer; in a notebook, the stop button does where none is given.</param>
    /// <returns>Each metric's numbers, one a set.</returns>
    /// <remarks>Each receiver reads what it reads in the unpatched run and its senders' differences: what its other senders do is frozen. All edges together give the other run.</remarks>
    /// <exception cref="PatchKernelException">The pair, an option or the gap between the runs makes it impossible; the message says why.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static IReadOnlyDictionary<string, float[]> Together(
        LanguageModel model, PromptPair pair, IReadOnlyList<IReadOnlyList<Edge>> sets, PathOptions? options = null, CancellationToken cancel = default)
    {
        cancel = HostStop.Or(cancel);
        options ??= new();
        _ = PairCheck.Run(pair, model.Config.DVocab).ThrowIfErrors();
        options.Check(pair);
        options = options with { Positions = EdgePositions.Of(options.Positions, options.Roles, pair), Roles = null };
        if (sets.Count == 0) throw new PatchKernelException("There is no set of edges to patch; give at least one.");
        var graph = new EdgeGraph(model.Config);
        int[][] chosen = [.. sets.Select(set => set.Select(graph.IndexOf).Distinct().ToArray())];
        using var noGrad = no_grad();
        return OutOfMemory.Guard(() =>
        {
            using var scope = NewDisposeScope();
            var runs = UnpatchedRuns.Of(model, pair, options.Metrics, cancel);
            using var naive = new NaivePaths(model, graph, pair, options, cancel);
            var measurement = new Measurement(options.Metrics, keeps: false, runs, chosen.Length, options.Direction == Direction.Denoising ? runs.Corrupt : runs.Clean, naive.Read);
            naive.Run(chosen, (some, logits) =>
            {
                if (!NonFinite.IsFinite(logits)) throw new PatchKernelException("With a set of edges patched, the logits are infinite or not a number; run the model in float32, or get its files anew.");
                measurement.Read(some, logits);
            });
            return measurement.Values;
        });
    }

    private static int[] Chosen(EdgeGraph graph, PathOptions options)
    {
        int[] chosen = [.. options.Edges is { } edges ? edges.Select(graph.IndexOf) : Enumerable.Range(0, graph.Edges.Count)];
        return chosen.GroupBy(edge => edge).FirstOrDefault(same => same.Count() > 1) is not { } twice ? chosen
            : throw new PatchKernelException($"The edge {graph.Edges[twice.Key]} is there twice; name each edge once.");
    }

    private static EdgeResult Exact(LanguageModel model, EdgeGraph graph, int[] chosen, PromptPair pair, PathOptions options, IProgress<SweepProgress>? progress, CancellationToken cancel)
    {
        var placed = options with { Positions = EdgePositions.Of(options.Positions, options.Roles, pair), Roles = null };
        return OutOfMemory.Guard(() => new ExactEdges(model, graph, chosen, pair, placed, PairCheck.Run(pair)) { Progress = progress, Cancel = cancel }.Run()) with { Roles = options.Roles };
    }
}
