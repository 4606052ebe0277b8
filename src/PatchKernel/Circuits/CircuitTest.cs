using PatchKernel.Circuits;

namespace PatchKernel;

/// <summary>Puts one circuit to the test, over pairs: what it does alone, what is left without it, what chance does, and which of its edges it could do without.</summary>
/// <remarks>Faithfulness, completeness and minimality as in Wang et al. 2022, arXiv:2211.00593, here of edges.</remarks>
public static class CircuitTest
{
    /// <summary>Tests a circuit.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pairs">The pairs; numbers are means over them.</param>
    /// <param name="circuit">The circuit.</param>
    /// <param name="options">What is measured, and how many controls.</param>
    /// <param name="progress">Receives the number of runs done.</param>
    /// <param name="cancel">Stops before the next layer; in a notebook, the stop button does where none is given.</param>
    /// <exception cref="PatchKernelException">A pair, an option or the circuit makes it impossible; the message says why.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static CircuitTestResult Run(
        LanguageModel model, IReadOnlyList<PromptPair> pairs, Circuit circuit, CircuitTestOptions? options = null, IProgress<SweepProgress>? progress = null,
        CancellationToken cancel = default)
    {
        cancel = HostStop.Or(cancel);
        options ??= new();
        options.Check();
        var edges = Drawn(circuit.Edges, options);
        Circuit[] all =
        [
            circuit,
            circuit.Complement(),
            .. CircuitDraw.Of(circuit.Graph, options.Seed, options.RandomCircuits, options.ConnectRandomCircuits, circuit.Count),
            .. edges.Select(edge => new Circuit(circuit.Graph, circuit.Edges.Where(other => other != edge))),
        ];
        var means = MeanCircuits.Of(model, pairs, all, options.Circuits, progress, cancel);
        var (randoms, interval) = (all.Length - edges.Count - 2, means.Interval(0));
        return new CircuitTestResult
        {
            Model = model.Summary,
            Pairs = pairs.Count,
            Circuit = circuit,
            Source = options.Circuits.Source.Name,
            Metric = options.Circuits.Metric,
            Whole = (float)means.Whole,
            Empty = (float)means.Empty,
            Value = (float)means.Value(0),
            CleanTarget = (float)means.Targets.Clean,
            CorruptTarget = (float)means.Targets.Corrupt,
            Faithfulness = (float)means.Faithfulness(0),
            FaithfulnessLower = (float)interval.Lower,
            FaithfulnessUpper = (float)interval.Upper,
            WithoutCircuit = (float)means.Faithfulness(1),
            RandomCircuitsAreConnected = options.ConnectRandomCircuits,
            RandomCircuits = [.. Enumerable.Range(2, randoms).Select(at => (float)means.Faithfulness(at))],
            Minimality = [.. edges.Index().Select(edge => new EdgeDrop(edge.Item, (float)(means.Faithfulness(0) - means.Faithfulness(2 + randoms + edge.Index))))],
        };
    }

    private static IReadOnlyList<Edge> Drawn(IReadOnlyList<Edge> edges, CircuitTestOptions options)
    {
        var order = edges.ToArray();
        if (order.Length > options.Minimality) new Random(options.Seed).Shuffle(order);
        return [.. order.Take(options.Minimality)];
    }
}

/// <summary>How a circuit is tested.</summary>
public sealed record CircuitTestOptions
{
    /// <summary>What the other edges carry, and what is measured.</summary>
    public CircuitOptions Circuits { get; init; } = new() { Metric = Metric.LogitDiff };

    /// <summary>How many random circuits of the same size are run beside it; 10 by default.</summary>
    public int RandomCircuits { get; init; } = 10;

    /// <summary>Whether all edges of random circuits lie on paths from the embedding to the logits; else they are drawn anywhere, and of a few most lead nowhere.</summary>
    public bool ConnectRandomCircuits { get; init; }

    /// <summary>Of how many edges it is tried whether the circuit could do without; of more than that, some are drawn. 20 by default.</summary>
    public int Minimality { get; init; } = 20;

    /// <summary>Seed of all that is drawn.</summary>
    public int Seed { get; init; }

    internal void Check()
    {
        if (RandomCircuits < 0 || Minimality < 0) throw new PatchKernelException("A circuit is tested with 0 or more random circuits and single edges; give numbers from 0 on.");
    }
}
