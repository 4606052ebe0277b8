namespace PatchKernel;

/// <summary>Estimates of edges beside the exact effects that they stand for: of the largest ones, and of some drawn at random from the rest.</summary>
public sealed record EstimateCheck : CheckedEstimates
{
    /// <summary>The exact effects, by edge.</summary>
    public required IReadOnlyDictionary<Edge, float> Exact { get; init; }

    /// <summary>On which side of the metric the clean run lies.</summary>
    internal CleanIs Clean { get; init; }

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
        return Of(estimate, count, seed, edges => PathPatching.Run(
            model, estimate.Pair, new() { Edges = edges, Direction = estimate.Direction, Positions = estimate.Positions, Metric = estimate.Metric }, progress, cancel).Scores());
    }

    /// <summary>Computes some edges of an estimate over several pairs exactly, over the same pairs: mean against mean.</summary>
    /// <inheritdoc cref="Run(LanguageModel, EdgeResult, int, int, IProgress{SweepProgress}, CancellationToken)"/>
    public static EstimateCheck Run(
        LanguageModel model, EdgeAverage estimate, int count = 50, int seed = 0, IProgress<SweepProgress>? progress = null, CancellationToken cancel = default)
    {
        cancel = HostStop.Or(cancel);
        return Of(estimate, count, seed, edges => PathPatching.Run(
            model, estimate.Pairs, new() { Edges = edges, Direction = estimate.Direction, Positions = estimate.Positions, Roles = estimate.Roles, Metric = estimate.Metric }, progress, cancel).Scores());
    }

    /// <summary>The same check with the sign that scores go out with.</summary>
    /// <param name="scored">The estimates as they go out.</param>
    internal EstimateCheck As(ScoredGraph scored)
    {
        if (scored.Sign.Turn(Clean) > 0) return this;
        return this with { Largest = Turned(Largest), Sample = Turned(Sample), Exact = Exact.ToDictionary(edge => edge.Key, edge => -edge.Value) };

        static AgreementPoint[] Turned(IReadOnlyList<AgreementPoint> points) => [.. points.Select(point => point with { Estimate = -point.Estimate, Exact = -point.Exact })];
    }

    private static EstimateCheck Of(EdgeEffects estimate, int count, int seed, Func<Edge[], float[]> exactly)
    {
        var (edges, scores) = (estimate.Edges, estimate.Scores());
        if (count < 1) throw new PatchKernelException($"An estimate can't be checked on {count} edges; give a number from 1 on.");
        var (largest, sample) = Choose(scores, Enumerable.Range(0, scores.Length), count, seed);
        int[] chosen = [.. largest, .. sample];
        var exact = exactly([.. chosen.Select(edge => edges[edge])]);
        AgreementPoint[] points = [.. chosen.Zip(exact, (edge, effect) => new AgreementPoint($"{edges[edge]}", scores[edge], effect))];
        return new()
        {
            Largest = points[..largest.Length],
            Sample = points[largest.Length..],
            Exact = chosen.Zip(exact).ToDictionary(pair => edges[pair.First], pair => pair.Second),
            Pairs = estimate.Over.Count,
            Clean = estimate.Metric.CleanIs,
        };
    }
}
