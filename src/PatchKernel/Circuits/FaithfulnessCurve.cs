using PatchKernel.Circuits;

namespace PatchKernel;

/// <summary>How faithful circuits of growing size are, each of the best edges by some scores, and the two areas by which MIB ranks methods.</summary>
/// <remarks>Mueller et al. 2025, arXiv:2504.13151.</remarks>
public sealed record FaithfulnessCurve
{
    /// <summary>The sizes, as shares of all edges.</summary>
    public required IReadOnlyList<double> Shares { get; init; }

    /// <summary>The circuits, pruned.</summary>
    public required IReadOnlyList<Circuit> Circuits { get; init; }

    /// <summary>(circuit − empty) / (clean run − empty) of the metric, each a mean over the pairs.</summary>
    public required IReadOnlyList<double> Faithfulness { get; init; }

    /// <summary>The lower ends of their 95 % intervals over pairs, by the delta method and Student's t; null where there is one pair.</summary>
    public IReadOnlyList<double>? Lower { get; init; }

    /// <summary>The upper ends of them.</summary>
    public IReadOnlyList<double>? Upper { get; init; }

    /// <summary>The faithfulness of random circuits of as many edges, pruned as the others are, [draws][sizes]: what chance does.</summary>
    public IReadOnlyList<IReadOnlyList<double>> RandomCircuits { get; init; } = [];

    /// <summary>Whether the random circuits' edges lie on paths from the embedding to the logits.</summary>
    public bool RandomCircuitsAreConnected { get; init; }

    /// <summary>How many pairs.</summary>
    public required int Pairs { get; init; }

    /// <summary>What was measured.</summary>
    public required Metric Metric { get; init; }

    /// <summary>What the other edges carried, by name.</summary>
    public required string Source { get; init; }

    /// <summary>The metric's mean in the whole model: a faithfulness of 1.</summary>
    public required double Whole { get; init; }

    /// <summary>The metric's mean without any edge, the floor: a faithfulness of 0.</summary>
    public required double Empty { get; init; }

    /// <summary>Circuit performance ratio: the area under the curve on a linear axis; 0.999 where every circuit does what the model does, for MIB's sizes.</summary>
    public double Cpr => Area(Faithfulness);

    /// <summary>Circuit-model distance: the area between the curve and 1.</summary>
    public double Cmd => Area([.. Faithfulness.Select(share => Math.Abs(1 - share))]);

    /// <summary>Runs the circuits on some pairs.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pairs">The pairs.</param>
    /// <param name="scores">A score for each edge of the model's <see cref="EdgeGraph"/>, in its order.</param>
    /// <param name="options">Which circuits, what is measured, and how many controls.</param>
    /// <param name="progress">Receives the number of runs done.</param>
    /// <param name="cancel">Stops before the next layer; in a notebook, the stop button does where none is given.</param>
    /// <exception cref="PatchKernelException">A pair, an option or the scores make it impossible; the message says why.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static FaithfulnessCurve Run(
        LanguageModel model, IReadOnlyList<PromptPair> pairs, IReadOnlyList<float> scores, FaithfulnessCurveOptions? options = null, IProgress<SweepProgress>? progress = null,
        CancellationToken cancel = default)
    {
        cancel = HostStop.Or(cancel);
        options ??= new();
        options.Check();
        var graph = new EdgeGraph(model.Config);
        int[] counts = [.. options.Shares.Select(share => (int)Math.Floor(share * graph.Count))];
        Circuit[] circuits =
        [
            .. counts.Select(count => (options.Greedy ? CircuitSelection.Greedy(graph, scores, count, options.Absolute) : CircuitSelection.Top(graph, scores, count, options.Absolute)).Pruned()),
        ];
        var random = CircuitDraw.Of(graph, options.Seed, options.RandomCircuits, options.ConnectRandomCircuits, counts).Select(circuit => circuit.Pruned());
        return Of(MeanCircuits.Of(model, pairs, [.. circuits, .. random], options.Circuits, progress, cancel), pairs.Count, circuits, options);
    }

    /// <summary>The two areas.</summary>
    public override string ToString() => FormattableString.Invariant($"CPR {Cpr:F4}, CMD {Cmd:F4}, over {Shares.Count} sizes");

    private static FaithfulnessCurve Of(MeanCircuits means, int pairs, Circuit[] circuits, FaithfulnessCurveOptions options)
    {
        var intervals = pairs == 1 ? null : Enumerable.Range(0, circuits.Length).Select(means.Interval).ToArray();
        return new()
        {
            Shares = options.Shares,
            Circuits = circuits,
            Faithfulness = [.. Enumerable.Range(0, circuits.Length).Select(means.Faithfulness)],
            Lower = intervals?.Select(interval => interval.Lower).ToArray(),
            Upper = intervals?.Select(interval => interval.Upper).ToArray(),
            RandomCircuits = [.. Enumerable.Range(1, options.RandomCircuits).Select(draw => Enumerable.Range(draw * circuits.Length, circuits.Length).Select(means.Faithfulness).ToArray())],
            RandomCircuitsAreConnected = options.ConnectRandomCircuits,
            Pairs = pairs,
            Metric = options.Circuits.Metric,
            Source = options.Circuits.Source.Name,
            Whole = means.Whole,
            Empty = means.Empty,
        };
    }

    private double Area(IReadOnlyList<double> values) =>
        Enumerable.Range(1, Shares.Count - 1).Sum(at => (Shares[at] - Shares[at - 1]) * (values[at] + values[at - 1]) / 2);
}
