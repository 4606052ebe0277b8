namespace PatchKernel;

/// <summary>What a circuit's test came to; all means are over pairs.</summary>
public sealed record CircuitTestResult
{
    /// <summary>The model that ran.</summary>
    public required ModelSummary Model { get; init; }

    /// <summary>How many pairs.</summary>
    public required int Pairs { get; init; }

    /// <summary>The circuit.</summary>
    public required Circuit Circuit { get; init; }

    /// <summary>What the other edges carried, by name: <c>other</c> is the corrupt run's sender.</summary>
    public required string Source { get; init; }

    /// <summary>What was measured.</summary>
    public required Metric Metric { get; init; }

    /// <summary>The metric's mean in the whole model.</summary>
    public required float Whole { get; init; }

    /// <summary>The metric's mean without any edge: the floor.</summary>
    public required float Empty { get; init; }

    /// <summary>The metric's mean with the circuit alone.</summary>
    public required float Value { get; init; }

    /// <summary>The clean target's mean logit with the circuit alone.</summary>
    public required float CleanTarget { get; init; }

    /// <summary>The corrupt target's mean logit with the circuit alone.</summary>
    public required float CorruptTarget { get; init; }

    /// <summary>(circuit − empty) / (whole − empty), each a mean over pairs.</summary>
    public required float Faithfulness { get; init; }

    /// <summary>The lower end of the faithfulness's 95 % interval over pairs, by the delta method and Student's t; not a number where there is one pair.</summary>
    public float FaithfulnessLower { get; init; } = float.NaN;

    /// <summary>The upper end of it.</summary>
    public float FaithfulnessUpper { get; init; } = float.NaN;

    /// <summary>The same of all edges but the circuit's: near 0 where the circuit is complete.</summary>
    public required float WithoutCircuit { get; init; }

    /// <summary>Whether the random circuits' edges lie on paths from the embedding to the logits.</summary>
    public bool RandomCircuitsAreConnected { get; init; }

    /// <summary>The same of random circuits of the same size.</summary>
    public required IReadOnlyList<float> RandomCircuits { get; init; }

    /// <summary>By how much the faithfulness falls without one of its edges: about 0 where the circuit could do without.</summary>
    public required IReadOnlyList<EdgeDrop> Minimality { get; init; }

    /// <summary>What edges outside a circuit carry, in words, by the source's name.</summary>
    internal static string OtherEdges(string source) => source switch
    {
        "other" => "from the corrupt run",
        "mean" => "the mean over prompts",
        "pooled_mean" => "the mean over prompts and positions",
        _ => source,
    };

    private string Interval => $" (95 % interval {Share(FaithfulnessLower)} to {Share(FaithfulnessUpper)})";

    /// <summary>A few lines.</summary>
    public override string ToString() => string.Join('\n',
    [
        FormattableString.Invariant($"{Model.Name}, {(Pairs == 1 ? "one pair" : $"{Pairs} pairs")}: {Circuit}, other edges {OtherEdges(Source)}"),
        FormattableString.Invariant($"{Metric.Name}: {Value:0.0000} with the circuit alone, {Whole:0.0000} in the whole model, {Empty:0.0000} without any edge: faithfulness {Share(Faithfulness)}{(Pairs == 1 ? "" : Interval)}"),
        $"the model without the circuit: faithfulness {Share(WithoutCircuit)}",
        .. RandomCircuits.Count == 0 ? (string[])[]
            : [FormattableString.Invariant($"{RandomCircuits.Count} random {(RandomCircuitsAreConnected ? "connected " : "")}circuits of {Circuit.Count:N0} edges: ")
                + $"faithfulness {Share(RandomCircuits.Min())} to {Share(RandomCircuits.Max())}, mean {Share(RandomCircuits.Average())}"],
        .. Minimality.Count == 0 ? (string[])[]
            : [$"without one of {Minimality.Count} edges the faithfulness falls by {Fixed(Minimality.Min(edge => edge.Drop), "0.0000")} to {Fixed(Minimality.Max(edge => edge.Drop), "0.0000")}"],
    ]);

    private static string Share(float faithfulness) => Fixed(faithfulness, "0.000");

    // Without a sign where it rounds to nothing.
    private static string Fixed(float value, string format) => value.ToString($"{format};-{format};{format}", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>What a circuit loses without one of its edges.</summary>
/// <param name="Edge">The edge.</param>
/// <param name="Drop">By how much the faithfulness falls.</param>
public readonly record struct EdgeDrop(Edge Edge, float Drop);
