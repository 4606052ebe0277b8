namespace PatchKernel;

/// <summary>What circuits measure by themselves: managed arrays with their labels, and no tensor.</summary>
public sealed record CircuitResult
{
    /// <summary>The model that ran.</summary>
    public required ModelSummary Model { get; init; }

    /// <summary>The prompts and the targets.</summary>
    public required PromptPair Pair { get; init; }

    /// <summary>The circuits, in the order of every array.</summary>
    public required IReadOnlyList<Circuit> Circuits { get; init; }

    /// <summary>What the other edges carried: <c>other</c> is the corrupt run's sender; see <see cref="PatchSource"/>.</summary>
    public required string Source { get; init; }

    /// <summary>What was measured.</summary>
    public required IReadOnlyList<Metric> Metrics { get; init; }

    /// <summary>The first of them.</summary>
    public Metric Metric => Metrics[0];

    /// <summary>The clean run, which is the circuit of all edges.</summary>
    public required RunSummary CleanRun { get; init; }

    /// <summary>The corrupt run.</summary>
    public required RunSummary CorruptRun { get; init; }

    /// <summary>A metric's name and its number with each circuit alone; both targets' logits as <c>clean_target</c> and <c>corrupt_target</c>.</summary>
    public required IReadOnlyDictionary<string, float[]> Values { get; init; }

    /// <summary>A metric's name and its number with no edge at all: the floor of faithfulness. Of the corrupt run's senders it is that run's.</summary>
    public required IReadOnlyDictionary<string, float> Empty { get; init; }

    /// <summary>Every circuit's logits at the last position, [circuits][d_vocab], where they were kept.</summary>
    public float[][]? Logits { get; init; }

    /// <summary>A metric's own number with each circuit alone.</summary>
    /// <param name="metric">The metric.</param>
    /// <exception cref="PatchKernelException">It wasn't measured.</exception>
    public float[] Raw(Metric metric) => Values.TryGetValue(metric.Name, out var values) ? values
        : throw new PatchKernelException($"This result has no {metric.Name}, it has {string.Join(", ", Metrics.Select(known => known.Name))}; name the metric in CircuitOptions.Metrics.");

    /// <summary>(circuit − empty) / (clean run − empty): 1 is what the whole model does, 0 what is left without any edge, and it may leave [0, 1].</summary>
    /// <param name="metric">The metric; the first of <see cref="Metrics"/> by default.</param>
    /// <remarks>As in Mueller et al. 2025 (MIB), arXiv:2504.13151, there with each of the three a mean over the data set.</remarks>
    /// <exception cref="PatchKernelException">It wasn't measured.</exception>
    public float[] Faithfulness(Metric? metric = null)
    {
        var measured = metric ?? Metric;
        return [.. Raw(measured).Select(value => Metric.Normalise(value, CleanRun.Of(measured), Empty[measured.Name]))];
    }

    /// <summary>One line: what ran, and how faithful the circuits are.</summary>
    public override string ToString()
    {
        var faithful = Faithfulness();
        return FormattableString.Invariant(
            $"{Model.Name}: {Circuits.Count} circuits, other edges {Source}, {Metric.Name}; faithfulness {faithful.Min():F4} to {faithful.Max():F4}");
    }
}
