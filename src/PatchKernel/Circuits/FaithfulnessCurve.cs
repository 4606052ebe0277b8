using PatchKernel.Circuits;

namespace PatchKernel;

/// <summary>How faithful circuits of growing size are, each of the best edges by some scores, and the two areas by which MIB ranks methods.</summary>
/// <remarks>Mueller et al. 2025, arXiv:2504.13151.</remarks>
public sealed record FaithfulnessCurve
{
    /// <summary>MIB's sizes, as shares of all edges.</summary>
    public static IReadOnlyList<double> MibShares { get; } = [.001, .002, .005, .01, .02, .05, .1, .2, .5, 1];

    /// <summary>The sizes, as shares of all edges.</summary>
    public required IReadOnlyList<double> Shares { get; init; }

    /// <summary>The circuits, pruned.</summary>
    public required IReadOnlyList<Circuit> Circuits { get; init; }

    /// <summary>(circuit − empty) / (clean run − empty) of the metric, each a mean over the pairs.</summary>
    public required IReadOnlyList<double> Faithfulness { get; init; }

    /// <summary>Circuit performance ratio: the area under the curve on a linear axis; 0.999 where every circuit does what the model does, for MIB's sizes.</summary>
    public double Cpr => Area(Faithfulness);

    /// <summary>Circuit-model distance: the area between the curve and 1.</summary>
    public double Cmd => Area([.. Faithfulness.Select(share => Math.Abs(1 - share))]);

    /// <summary>Runs the circuits on some pairs.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pairs">The pairs.</param>
    /// <param name="scores">A score for each edge of the model's <see cref="EdgeGraph"/>, in its order.</param>
    /// <param name="absolute">Whether an edge that hurts counts as much as one that helps; MIB ranks so for CMD, and by signed scores for CPR.</param>
    /// <param name="greedy">Whether circuits grow from the logits downwards; else they are the best edges, wherever they are.</param>
    /// <param name="shares">The sizes, as growing shares of all edges; MIB's by default.</param>
    /// <param name="options">What the other edges carry, and the metric, the first one.</param>
    /// <param name="cancel">Stops before the next layer; in a notebook, the stop button does where none is given.</param>
    /// <exception cref="PatchKernelException">A pair, an option or the scores make it impossible; the message says why.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static FaithfulnessCurve Run(
        LanguageModel model, IReadOnlyList<PromptPair> pairs, IReadOnlyList<float> scores, bool absolute = false, bool greedy = false, IReadOnlyList<double>? shares = null,
        CircuitOptions? options = null, CancellationToken cancel = default)
    {
        cancel = HostStop.Or(cancel);
        options ??= new() { Metric = Metric.LogitDiff };
        shares ??= MibShares;
        if (shares.Count < 2 || shares[0] < 0 || shares[^1] > 1 || shares.Zip(shares.Skip(1)).Any(two => !(two.First < two.Second)))
            throw new PatchKernelException("A curve needs at least two sizes, growing shares of all edges from 0 to 1.");
        var graph = new EdgeGraph(model.Config);
        Circuit[] circuits = [.. shares.Select(share => (int)Math.Floor(share * graph.Edges.Count)).Select(count =>
            (greedy ? CircuitSelection.Greedy(graph, scores, count, absolute) : CircuitSelection.Top(graph, scores, count, absolute)).Pruned())];
        var means = MeanCircuits.Of(model, pairs, circuits, options, null, cancel);
        return new FaithfulnessCurve
        {
            Shares = shares,
            Circuits = circuits,
            Faithfulness = [.. Enumerable.Range(0, circuits.Length).Select(means.Faithfulness)],
        };
    }

    private double Area(IReadOnlyList<double> values) =>
        Enumerable.Range(1, Shares.Count - 1).Sum(at => (Shares[at] - Shares[at - 1]) * (values[at] + values[at - 1]) / 2);

    /// <summary>The two areas.</summary>
    public override string ToString() => FormattableString.Invariant($"CPR {Cpr:F4}, CMD {Cmd:F4}, over {Shares.Count} sizes");
}
