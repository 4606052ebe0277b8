using PatchKernel.Sweeps;

namespace PatchKernel;

/// <content>Estimates beside exact effects.</content>
public sealed partial record SweepResult
{
    /// <summary>Of an estimate, which gradients it is made of, in words; null of exact results.</summary>
    public string? Conventions { get; init; }

    /// <summary>Of an estimate, the cells that were computed exactly too; null where none were.</summary>
    public CheckedCells? Checked { get; init; }

    /// <summary>Whether its cells are estimates.</summary>
    internal bool IsEstimate => SweepMethods.IsEstimate(Method);

    /// <summary>The checked cells' estimates beside their exact effects, both as changes of a metric from the run that was patched; null where none were checked.</summary>
    /// <param name="metric">The metric; the first by default.</param>
    /// <exception cref="PatchKernelException">It wasn't measured.</exception>
    public CheckedEstimates? Agreement(Metric? metric = null)
    {
        var of = metric ?? Metric;
        var run = Direction == Direction.Denoising ? CorruptRun : CleanRun;
        if (Checked is not { } cells || !run.Values.TryGetValue(of.Name, out var unpatched)) return null;
        var (estimates, exact) = (Raw(of), cells.Values[of.Name]);
        AgreementPoint[] points = [.. cells.Largest.Concat(cells.Sample).Zip(exact, (cell, value) => new AgreementPoint(SweepSummary.PlaceOf(this, cell), estimates[cell] - unpatched, value - unpatched))];
        return new() { Largest = points[..cells.Largest.Count], Sample = points[cells.Largest.Count..] };
    }
}
