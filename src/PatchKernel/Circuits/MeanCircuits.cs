using PatchKernel.Metrics;
using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Circuits;

/// <summary>A metric with each of some circuits alone, of each of some pairs, and its means.</summary>
internal sealed class MeanCircuits
{
    private readonly double[][] values; // of each circuit, of each pair
    private readonly double[] wholes, empties;

    private MeanCircuits(int circuits, int pairs) =>
        (values, wholes, empties) = ([.. Enumerable.Range(0, circuits).Select(_ => new double[pairs])], new double[pairs], new double[pairs]);

    /// <summary>The metric's mean of the clean run.</summary>
    public double Whole => wholes.Average();

    /// <summary>The metric's mean without any edge.</summary>
    public double Empty => empties.Average();

    /// <summary>Mean logits of the clean and the corrupt target with the first circuit.</summary>
    public (double Clean, double Corrupt) Targets { get; private set; }

    /// <summary>Runs the circuits on each pair; the options' first metric is measured.</summary>
    /// <exception cref="PatchKernelException">There is no pair, one can't be run, or the metric is the same without any edge.</exception>
    public static MeanCircuits Of(
        LanguageModel model, IReadOnlyList<PromptPair> pairs, IReadOnlyList<Circuit> circuits, CircuitOptions options, IProgress<SweepProgress>? progress, CancellationToken cancel)
    {
        if (pairs.Count == 0) throw new PatchKernelException("There is no pair to run circuits on; give at least one.");
        CircuitRun.Check(model, pairs, circuits, options);
        using var noGrad = no_grad();
        var means = new MeanCircuits(circuits.Count, pairs.Count);
        OutOfMemory.Guard(() => new CircuitRuns(model, new EdgeGraph(model.Config), circuits, options) { Progress = progress, Cancel = cancel }.Run(pairs, means.Add));
        return Math.Abs(means.Whole - means.Empty) >= options.Metric.LeastGap ? means
            : throw new PatchKernelException($"Without any edge {options.Metric.Name} is what it is in the clean run, so faithfulness has no scale; take other pairs or another metric.");
    }

    /// <summary>The metric's mean with a circuit.</summary>
    public double Value(int circuit) => values[circuit].Average();

    /// <summary>(circuit − empty) / (whole − empty), each a mean over pairs.</summary>
    public double Faithfulness(int circuit) => (Value(circuit) - Empty) / (Whole - Empty);

    /// <summary>The faithfulness with its interval over pairs.</summary>
    /// <remarks>
    /// A ratio of two means over the same pairs, so by the delta method: what a pair's numerator has more than the ratio of its denominator, as a part of the mean denominator,
    /// is one observation. Cochran 1977, "Sampling Techniques", section 6.3.
    /// </remarks>
    public MeanInterval Interval(int circuit)
    {
        var (ratio, below) = (Faithfulness(circuit), Whole - Empty);
        return MeanInterval.Of([.. values[circuit].Select((value, pair) => ratio + (value - empties[pair] - ratio * (wholes[pair] - empties[pair])) / below)]);
    }

    private void Add(int pair, CircuitResult result)
    {
        var metric = result.Metric;
        foreach (var (circuit, value) in result.Raw(metric).Index()) values[circuit][pair] = value;
        (wholes[pair], empties[pair]) = (result.CleanRun.Of(metric), result.Empty[metric.Name]);
        Targets = (Targets.Clean + result.Values[ValueNames.CleanTarget][0] / (double)wholes.Length, Targets.Corrupt + result.Values[ValueNames.CorruptTarget][0] / (double)wholes.Length);
    }
}
