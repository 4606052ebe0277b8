using PatchKernel.Metrics;

namespace PatchKernel.Sweeps;

/// <summary>Computes some of the cells of estimates exactly.</summary>
internal static class ExactCells
{
    /// <summary>Of each grid the largest estimates and some of the others; all of them go through the layers together.</summary>
    /// <param name="model">The model.</param>
    /// <param name="plan">The sweeps.</param>
    /// <param name="estimates">Each sweep's estimates.</param>
    /// <param name="cancel">Stops before the next layer.</param>
    /// <returns>Null for a grid in which none is wanted, or no patch can change anything.</returns>
    public static IReadOnlyList<CheckedCells?> Of(LanguageModel model, SweepPlan plan, IReadOnlyList<Measurement> estimates, CancellationToken cancel)
    {
        Choice[] choices = [.. plan.Grids.Select(grid => Choose(model, plan, grid, estimates))];
        var wanted = choices.SelectMany(choice => choice.Samples.SelectMany(cells => cells)).ToHashSet();
        if (wanted.Count == 0) return [.. choices.Select(_ => (CheckedCells?)null)];
        var exact = new SweepRun(model, plan, progress: null, cancel) { Only = wanted }.RunExactly();
        return [.. plan.Grids.Zip(choices, (grid, choice) => choice.Samples is [{ Length: > 0 }, ..] ? Checked(grid, choice, exact) : null)];
    }

    private static Choice Choose(LanguageModel model, SweepPlan plan, PlannedGrid grid, IReadOnlyList<Measurement> estimates)
    {
        var options = grid.Request.Options;
        if (options.Estimate.Check == 0) return new([], [], []);
        // Of each sample each of the grid's cells.
        var places = grid.Cells(task => CellGroup.Cells(model.Config, plan.Lanes, plan.Tasks[task], task).ToArray());
        var changes = SweepRun.MeanOf(grid.Cells(task => estimates[task].ChangesOf(options.Metric)));
        var changing = Enumerable.Range(0, changes.Length).Where(cell => places.Any(sample => sample[cell].Bytes > 0));
        var (largest, random) = CheckedEstimates.Choose(changes, changing, options.Estimate.Check, options.Seed);
        return new(largest, random, [.. places.Select(sample => largest.Concat(random).Select(cell => sample[cell].Place).ToArray())]);
    }

    private static CheckedCells Checked(PlannedGrid grid, Choice choice, IReadOnlyList<Measurement> exact) => new()
    {
        Largest = choice.Largest,
        Sample = choice.Random,
        Values = grid.Request.Options.Metrics.ToDictionary(metric => metric.Name, metric => SweepRun.MeanOf(
            [.. choice.Samples.Select(cells => cells.Select(cell => exact[cell.Task].Values[metric.Name][cell.Cell]).ToArray())])),
    };

    /// <summary>Which of a grid's cells are computed.</summary>
    /// <param name="Largest">Flat indices into the grid.</param>
    /// <param name="Random">The others.</param>
    /// <param name="Samples">Both, where each of the grid's samples has them.</param>
    private sealed record Choice(int[] Largest, int[] Random, CellPlace[][] Samples);
}
