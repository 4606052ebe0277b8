using PatchKernel.Metrics;

namespace PatchKernel.Circuits;

/// <summary>A metric with each of some circuits alone, averaged over pairs.</summary>
/// <param name="Values">Of each circuit.</param>
/// <param name="Whole">Of the clean run.</param>
/// <param name="Empty">Without any edge.</param>
/// <param name="Targets">Logits of the clean and the corrupt target with the first circuit.</param>
internal sealed record MeanCircuits(double[] Values, double Whole, double Empty, (double Clean, double Corrupt) Targets)
{
    /// <summary>Runs the circuits on each pair; the options' first metric is measured.</summary>
    /// <exception cref="PatchKernelException">There is no pair, or the metric is the same without any edge.</exception>
    public static MeanCircuits Of(
        LanguageModel model, IReadOnlyList<PromptPair> pairs, IReadOnlyList<Circuit> circuits, CircuitOptions options, IProgress<SweepProgress>? progress, CancellationToken cancel)
    {
        if (pairs.Count == 0) throw new PatchKernelException("There is no pair to run circuits on; give at least one.");
        CircuitRun.Check(model, pairs, circuits, options);
        var (values, whole, empty) = (new double[circuits.Count], 0.0, 0.0);
        (double Clean, double Corrupt) targets = default;
        foreach (var (at, pair) in pairs.Index())
        {
            progress?.Report(new SweepProgress(at * circuits.Count, pairs.Count * circuits.Count));
            var result = CircuitRun.Run(model, pair, circuits, options, cancel: cancel);
            foreach (var (circuit, value) in result.Raw(options.Metric).Index()) values[circuit] += value / (double)pairs.Count;
            whole += result.CleanRun.Of(options.Metric) / (double)pairs.Count;
            targets = (targets.Clean + result.Values[ValueNames.CleanTarget][0] / (double)pairs.Count, targets.Corrupt + result.Values[ValueNames.CorruptTarget][0] / (double)pairs.Count);
            empty += result.Empty[options.Metric.Name] / (double)pairs.Count;
        }
        progress?.Report(new SweepProgress(pairs.Count * circuits.Count, pairs.Count * circuits.Count));
        return Math.Abs(whole - empty) >= options.Metric.LeastGap ? new(values, whole, empty, targets)
            : throw new PatchKernelException($"Without any edge {options.Metric.Name} is what it is in the clean run, so faithfulness has no scale; take other pairs or another metric.");
    }

    /// <summary>(circuit − empty) / (whole − empty).</summary>
    public double Faithfulness(int circuit) => (Values[circuit] - Empty) / (Whole - Empty);
}
