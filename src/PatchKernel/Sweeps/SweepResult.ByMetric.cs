using PatchKernel.Metrics;
using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel;

/// <content>Its numbers by metric.</content>
public sealed partial record SweepResult
{
    /// <summary>The metric that is drawn, the first of <see cref="Metrics"/>; <see cref="By"/> takes another.</summary>
    public Metric Metric => Metrics[0];

    /// <summary>(patched − corrupt) / (clean − corrupt) of <see cref="Metric"/>, flat and row-major.</summary>
    /// <exception cref="PatchKernelException">The runs don't differ by it.</exception>
    public float[] NormalisedScore => Values.TryGetValue(ValueNames.Score, out var scores) ? scores : Scores(Metric);

    /// <summary>The score of one cell; an index along each axis.</summary>
    /// <exception cref="PatchKernelException">The grid has no such cell, or the runs don't differ by the metric.</exception>
    public float Score(params ReadOnlySpan<int> index)
    {
        var (cell, isThere) = (0, index.Length == Shape.Count);
        for (var axis = 0; isThere && axis < index.Length; axis++)
            (cell, isThere) = (cell * Shape[axis] + index[axis], index[axis] >= 0 && index[axis] < Shape[axis]);
        return isThere ? NormalisedScore[cell] : throw new PatchKernelException(
            $"There is no cell ({string.Join(", ", index.ToArray())}); the grid is {string.Join(" × ", Axes.Zip(Shape, (axis, size) => $"{axis} 0 to {size - 1}"))}.");
    }

    /// <summary>A metric's own number in each cell, flat and row-major.</summary>
    /// <exception cref="PatchKernelException">It wasn't measured.</exception>
    public float[] Raw(Metric metric) => Values.TryGetValue(metric.Name, out var values) ? values
        : Metrics.Any(known => known.Name == metric.Name) ? throw new PatchKernelException($"This result has the scores of {metric.Name} and not its own numbers; run the sweep again.")
        : throw new PatchKernelException($"This result has no {metric.Name}, it has {string.Join(", ", Metrics.Select(known => known.Name))}; name the metric in SweepOptions.Metrics.");

    /// <summary>Whether both runs differ by a metric, so that it has a score.</summary>
    public bool HasScore(Metric metric) =>
        (metric.Name == Metric.Name && Values.ContainsKey(ValueNames.Score)) || (Values.ContainsKey(metric.Name) && Gap(metric) is not null);

    /// <summary>(patched − corrupt) / (clean − corrupt) of any metric, flat and row-major.</summary>
    /// <exception cref="PatchKernelException">The metric wasn't measured, or the runs don't differ by it.</exception>
    public float[] Scores(Metric metric)
    {
        if (metric.Name == Metric.Name && Values.TryGetValue(ValueNames.Score, out var scores)) return scores;
        var patched = Raw(metric);
        return Gap(metric) is (var clean, var corrupt)
            ? [.. patched.Select(value => Metric.Normalise(value, clean, corrupt))]
            : throw new PatchKernelException($"There is no score by {metric.Name}, since both runs have the same or a file didn't store them; take its own numbers.");
    }

    /// <summary>The same result with another of its metrics first: charts, averages and differences follow it.</summary>
    /// <exception cref="PatchKernelException">The metric wasn't measured.</exception>
    public SweepResult By(Metric metric)
    {
        if (metric.Name == Metric.Name) return this;
        _ = Raw(metric);
        var values = new Dictionary<string, float[]>(Values);
        values.Remove(ValueNames.Score);
        values.Remove(ValueNames.Score + ValueNames.SpreadSuffix);
        if (Gap(metric) is (var clean, var corrupt))
        {
            values[ValueNames.Score] = Scores(metric);
            if (Values.TryGetValue(metric.Name + ValueNames.SpreadSuffix, out var spread))
                values[ValueNames.Score + ValueNames.SpreadSuffix] = [.. spread.Select(value => value / Math.Abs(clean - corrupt))];
        }
        var first = Metrics.First(known => known.Name == metric.Name);
        return this with { Metrics = [first, .. Metrics.Where(known => known != first)], Values = values };
    }

    /// <summary>The same result with further metrics, taken from the logits that were kept.</summary>
    /// <exception cref="PatchKernelException">No logits were kept, or a metric needs more than those of the last position.</exception>
    public SweepResult Measured(params IReadOnlyList<Metric> metrics)
    {
        if (Logits is null || CleanLogits is null || CorruptLogits is null)
            throw new PatchKernelException("This result has no logits to measure; run the sweep with KeepLogits.");
        if (metrics.FirstOrDefault(metric => metric.ReadsAnswer) is { } reading)
            throw new PatchKernelException($"{reading.Name} needs more than the kept logits; name it in SweepOptions.Metrics.");
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        // The unpatched runs are two more cells.
        float[][] all = [.. Logits, CleanLogits, CorruptLogits];
        var input = new MetricInput(tensor([.. all.SelectMany(cell => cell)], all.Length, 1, CleanLogits.Length), new(Pair, CleanLogits, CorruptLogits));
        var (values, clean, corrupt) = (new Dictionary<string, float[]>(Values), new Dictionary<string, float>(CleanRun.Values), new Dictionary<string, float>(CorruptRun.Values));
        foreach (var metric in metrics)
        {
            var numbers = metric.Of(input).ToFloats();
            (values[metric.Name], clean[metric.Name], corrupt[metric.Name]) = (numbers[..^2], numbers[^2], numbers[^1]);
        }
        IReadOnlyList<Metric> together = [.. Metrics.Concat(metrics).DistinctBy(metric => metric.Name)];
        Metric.CheckNames(together);
        return this with { Metrics = together, Values = values, CleanRun = CleanRun with { Values = clean }, CorruptRun = CorruptRun with { Values = corrupt } };
    }

    private (float Clean, float Corrupt)? Gap(Metric metric) =>
        CleanRun.Values.TryGetValue(metric.Name, out var clean) && CorruptRun.Values.TryGetValue(metric.Name, out var corrupt) && metric.HasGap(clean, corrupt)
            ? (clean, corrupt) : null;
}
