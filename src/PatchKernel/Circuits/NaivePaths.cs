using PatchKernel.Metrics;
using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Circuits;

/// <summary>Path patching the plain way: a full forward for each set of edges.</summary>
internal sealed class NaivePaths : IDisposable
{
    // Forwards that go side by side, so that each weight is read once for all of them.
    private const int MostTogether = 16;

    private readonly EdgeGraph graph;
    private readonly PathForward forward;
    private readonly Tensor differences; // [senders, pos, d_model]
    private readonly CancellationToken cancel;

    /// <summary>Runs both prompts and keeps what their senders write.</summary>
    public NaivePaths(LanguageModel model, EdgeGraph graph, PromptPair pair, PathOptions options, CancellationToken cancel)
    {
        (this.graph, this.cancel) = (graph, cancel);
        var (patched, other) = options.Direction == Direction.Denoising ? (pair.Corrupt, pair.Clean) : (pair.Clean, pair.Corrupt);
        var run = UnpatchedRuns.Run(pair, patched, options.Metrics);
        (forward, Read) = (new PathForward(model, graph, run), run.Read);
        using var scope = NewDisposeScope();
        var all = SenderOutputs.Of(model, UnpatchedRuns.Run(pair, other, options.Metrics), cancel) - SenderOutputs.Of(model, run, cancel);
        if (options.Positions is { } positions) all = all * SenderDifferences.Counts(positions, 0, run.Ids.Count, all);
        differences = all.DetachFromDisposeScope();
    }

    /// <summary>How many positions are read.</summary>
    public int Read { get; }

    /// <summary>Runs sets of edges.</summary>
    /// <param name="sets">Each set's edges, by their places in the graph.</param>
    /// <param name="ofSets">Receives some sets' indices and logits, [sets, positions that are read, d_vocab].</param>
    public void Run(IReadOnlyList<int[]> sets, Action<int[], Tensor> ofSets)
    {
        foreach (var part in Enumerable.Range(0, sets.Count).Chunk(MostTogether))
        {
            using var scope = NewDisposeScope();
            ofSets(part, forward.Logits([.. part.Select(set => Added(sets[set]))], cancel));
        }
    }

    /// <summary>The error of an edge whose logits aren't finite.</summary>
    public static PatchKernelException NonFinite(Edge edge) =>
        new($"With the edge {edge} patched, the logits are infinite or not a number: the weights are damaged or far too large, or float16 is too narrow; run the model in float32 or bfloat16, or get its files anew.");

    public void Dispose() => differences.Dispose();

    /// <summary>By a receiver's place, its senders' differences.</summary>
    private Dictionary<int, Tensor> Added(int[] edges) => edges.Select(edge => graph.Places[edge]).GroupBy(place => place.Receiver).ToDictionary(
        alike => alike.Key, alike => alike.Select(place => differences[place.Sender]).Aggregate((sum, more) => sum.Plus(more)));
}
