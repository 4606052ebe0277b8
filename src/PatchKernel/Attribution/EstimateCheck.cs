namespace PatchKernel;

/// <summary>Estimates of edges beside the exact effects that they stand for: of the largest ones, and of some drawn at random from the rest.</summary>
public sealed record EstimateCheck
{
    /// <summary>The largest estimates, by their size.</summary>
    public required IReadOnlyList<AgreementPoint> Largest { get; init; }

    /// <summary>Some of the others, drawn at random.</summary>
    public required IReadOnlyList<AgreementPoint> Sample { get; init; }

    /// <summary>The exact effects, by edge.</summary>
    public required IReadOnlyDictionary<Edge, float> Exact { get; init; }

    /// <summary>How far the largest are off; null where there is none.</summary>
    public Agreement? OfLargest => Largest.Count == 0 ? null : Of(Largest);

    /// <summary>How far the random ones are off; null where there is none.</summary>
    public Agreement? OfSample => Sample.Count == 0 ? null : Of(Sample);

    /// <summary>Computes some of an estimate's edges exactly.</summary>
    /// <param name="model">The model.</param>
    /// <param name="estimate">The estimate; its first metric is compared.</param>
    /// <param name="count">How many edges: half of them the largest, half drawn from the rest.</param>
    /// <param name="seed">Of the draw.</param>
    /// <param name="progress">Receives the number of edges done.</param>
    /// <param name="cancel">Stops before the next layer; in a notebook, the stop button does where none is given.</param>
    /// <exception cref="PatchKernelException">The count is below 1.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static EstimateCheck Run(
        LanguageModel model, EdgeResult estimate, int count = 50, int seed = 0, IProgress<SweepProgress>? progress = null, CancellationToken cancel = default)
    {
        cancel = HostStop.Or(cancel);
        if (count < 1) throw new PatchKernelException($"An estimate can't be checked on {count} edges; give a number from 1 on.");
        var scores = estimate.Scores();
        int[] ranked = [.. Enumerable.Range(0, scores.Length).OrderByDescending(edge => Math.Abs(scores[edge]))];
        int[] largest = [.. ranked.Take((count + 1) / 2)], rest = [.. ranked.Skip(largest.Length)];
        new Random(seed).Shuffle(rest);
        int[] chosen = [.. largest, .. rest.Take(count - largest.Length).Order()];
        var exact = PathPatching.Run(
            model, estimate.Pair, new() { Edges = [.. chosen.Select(edge => estimate.Edges[edge])], Direction = estimate.Direction, Positions = estimate.Positions, Metric = estimate.Metric }, progress, cancel).Scores();
        AgreementPoint[] points = [.. chosen.Zip(exact, (edge, effect) => new AgreementPoint($"{estimate.Edges[edge]}", scores[edge], effect))];
        return new()
        {
            Largest = points[..largest.Length],
            Sample = points[largest.Length..],
            Exact = chosen.Zip(exact).ToDictionary(pair => estimate.Edges[pair.First], pair => pair.Second),
        };
    }

    /// <summary>Both comparisons, a line each.</summary>
    public override string ToString() => string.Join('\n', Lines());

    private IEnumerable<string> Lines()
    {
        if (OfLargest is { } largest) yield return $"the {Largest.Count} largest, against the exact effect: {largest} at {Largest[largest.WorstIndex].Name}";
        if (OfSample is { } sample) yield return $"{Sample.Count} of the others at random: {sample} at {Sample[sample.WorstIndex].Name}";
    }

    private static Agreement Of(IReadOnlyList<AgreementPoint> points) => Agreement.Of([.. points.Select(point => point.Estimate)], [.. points.Select(point => point.Exact)]);
}
