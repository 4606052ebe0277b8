namespace PatchKernel.Circuits;

/// <summary>A metric with each of some circuits alone, averaged over pairs.</summary>
/// <param name="Values">Of each circuit.</param>
/// <param name="Whole">Of the clean run.</param>
/// <param name="Empty">Without any edge.</param>
internal sealed record MeanCircuits(float[] Values, float Whole, float Empty)
{
    /// <summary>Runs the circuits on each pair.</summary>
    public static MeanCircuits Of(
        LanguageModel model, IReadOnlyList<PromptPair> pairs, IReadOnlyList<Circuit> circuits, CircuitOptions options, IProgress<SweepProgress>? progress, CancellationToken cancel)
    {
        if (pairs.Count == 0) throw new PatchKernelException("A circuit is tested on pairs, and there is none; give at least one.");
        var (values, whole, empty) = (new double[circuits.Count], 0.0, 0.0);
        foreach (var (at, pair) in pairs.Index())
        {
            progress?.Report(new SweepProgress(at * circuits.Count, pairs.Count * circuits.Count));
            var result = CircuitRun.Run(model, pair, circuits, options, cancel: cancel);
            foreach (var (circuit, value) in result.Raw(options.Metric).Index()) values[circuit] += value / (double)pairs.Count;
            whole += result.CleanRun.Of(options.Metric) / (double)pairs.Count;
            empty += result.Empty[options.Metric.Name] / (double)pairs.Count;
        }
        progress?.Report(new SweepProgress(pairs.Count * circuits.Count, pairs.Count * circuits.Count));
        if (!options.Metric.HasGap((float)whole, (float)empty))
            throw new PatchKernelException(FormattableString.Invariant(
                $"Without any edge {options.Metric.Name} is {empty:0.0000} on average and with all of them {whole:0.0000}, so there is nothing that a circuit could explain; take other pairs or another metric."));
        return new([.. values.Select(value => (float)value)], (float)whole, (float)empty);
    }

    /// <summary>(circuit − empty) / (whole − empty).</summary>
    public float Faithfulness(int circuit) => Metric.Normalise(Values[circuit], Whole, Empty);
}
