using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Some cells computed once more, by one full forward each, in float32 whatever the sweep's dtype.</summary>
/// <param name="Cells">How many.</param>
/// <param name="LargestDeviation">The largest difference of a target's logit.</param>
public sealed record Verification(int Cells, float LargestDeviation)
{
    /// <summary>How many cells are compared where nobody says, and the dtype is narrower than float32.</summary>
    internal const int WhenNarrow = 3;

    // Each part of the cells is a pass through the layers, and has its logits in memory.
    private const int MostTogether = 64;

    /// <summary>How far a logit may be off: rounding, and no more.</summary>
    private static float Tolerance(ScalarType dtype) => dtype switch
    {
        ScalarType.Float32 => 1e-3f,
        ScalarType.Float16 => 0.25f,
        _ => 1,
    };

    /// <summary>Computes random cells of a grid the plain way, and compares.</summary>
    /// <exception cref="PatchKernelException">A cell is off by more than the dtype's rounding.</exception>
    internal static Verification Of(
        Llama model, SweepPlan plan, SweepPlan.Grid grid, IReadOnlyList<Measurement> measurements, int count, CancellationToken cancel)
    {
        var pair = grid.Request.Pair;
        var candidates = grid.Tasks.SelectMany(task => measurements[task].Measured.Select(cell => (Task: task, Cell: cell))).ToArray();
        new Random(grid.Request.Options.Seed).Shuffle(candidates);
        var chosen = candidates[..Math.Min(candidates.Length, count)];
        using var widened = model.Dtype == ScalarType.Float32 ? null : model.Widened();
        using var naive = new NaiveSweep(widened ?? model, plan.Lanes, [.. grid.Tasks.Select(task => plan.Tasks[task])]);
        var largest = 0f;
        foreach (var part in chosen.Chunk(MostTogether))
        {
            using var scope = NewDisposeScope();
            var logits = naive.RunTogether([.. part.Select(cell => (plan.Tasks[cell.Task], cell.Cell))], cancel);
            foreach (var (index, (task, cell)) in part.Index())
                foreach (var (target, measure) in new[] { (pair.CleanTarget, Measure.CleanTarget), (pair.CorruptTarget, Measure.CorruptTarget) })
                    largest = Math.Max(largest, Deviation(cell, logits[index, target.Id].item<float>(), measurements[task].Values[measure.Name][cell], model));
        }
        return new Verification(chosen.Length, largest);
    }

    private static float Deviation(int cell, float logit, float measured, Llama model)
    {
        var deviation = Math.Abs(logit - measured);
        return deviation <= Tolerance(model.Dtype) ? deviation : throw new PatchKernelException(
            FormattableString.Invariant($"Cell {cell} of the sweep is off by {deviation:0.######} logits from one full forward, and ")
            + FormattableString.Invariant($"{Tolerance(model.Dtype)} is allowed in {model.Summary.Dtype}; run with the naive method, and report this."));
    }
}
