using PatchKernel.Json;

namespace PatchKernel.Sweeps;

/// <summary>An estimate's checked cells in result files; how near they are to the exact effects is written for other programs, and made anew when it is read.</summary>
internal static class SweepFileChecked
{
    /// <summary>The checked cells as they are written; null for none.</summary>
    public static object? Content(SweepResult result) => result.Checked is not { } cells ? null : new
    {
        Largest = cells.Largest.ToArray(),
        Sample = cells.Sample.ToArray(),
        cells.Values,
        Agreement = result.Metrics.Where(metric => cells.Values.ContainsKey(metric.Name)).ToDictionary(metric => metric.Name, metric => Content(result.Agreement(metric), cells)),
    };

    /// <summary>Those of a file; null for none.</summary>
    public static CheckedCells? Cells(JsonPart? part, SweepResult result)
    {
        if (part is null) return null;
        var (largest, sample) = (Indices(part.Require("largest"), result), Indices(part.Require("sample"), result));
        if (largest.Length + sample.Length == 0) throw part.Wrong("cells that were checked");
        var values = part.Require("values").Members().ToDictionary(member => member.Key, member => member.Items().Select(value => value.Number()).ToArray());
        foreach (var metric in result.Metrics)
        {
            var numbers = values.TryGetValue(metric.Name, out var known) ? known : throw part.Require("values").Missing(metric.Name);
            if (numbers.Length != largest.Length + sample.Length) throw part.Error($"{part.Path}.values.{metric.Name} has {numbers.Length} numbers for {largest.Length + sample.Length} cells");
            if (!result.Values.ContainsKey(metric.Name)) throw part.Error($"{part.Path} checks {metric.Name}, of which there are no estimates");
        }
        return new() { Largest = largest, Sample = sample, Values = values };
    }

    private static object? Content(CheckedEstimates? agreement, CheckedCells cells) => agreement is null ? null : new
    {
        Largest = Content(agreement.OfLargest, cells.Largest),
        Sample = Content(agreement.OfSample, cells.Sample),
    };

    private static object? Content(Agreement? agreement, IReadOnlyList<int> cells) => agreement is null ? null : new
    {
        agreement.Count,
        Pearson = Number(agreement.Pearson),
        Spearman = Number(agreement.Spearman),
        agreement.SameSign,
        agreement.WorstMiss,
        WorstCell = cells[agreement.WorstIndex],
    };

    private static double? Number(double correlation) => double.IsNaN(correlation) ? null : correlation;

    private static int[] Indices(JsonPart part, SweepResult result)
    {
        var count = result.Shape.Aggregate(1L, (product, size) => product * size);
        return [.. part.Items().Select(cell => cell.Whole(0, (int)Math.Min(int.MaxValue, count - 1)))];
    }
}
