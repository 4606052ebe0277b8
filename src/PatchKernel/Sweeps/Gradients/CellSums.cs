namespace PatchKernel.Sweeps;

/// <summary>One sweep's estimates by one metric: from what each layer's changes come to, to the grid's cells.</summary>
/// <param name="task">The sweep.</param>
/// <param name="layers">The model's layers.</param>
/// <param name="drops">Whether there are sums with each layer left out of the gradient too.</param>
internal sealed class CellSums(SweepTask task, int layers, bool drops)
{
    // By the layer that is left out, the first with none, and by layer: a number a cell of the layer; null where it is as with none left out.
    private readonly double[]?[][] sums = [.. Enumerable.Range(0, drops ? layers + 1 : 1).Select(_ => new double[]?[layers])];

    /// <summary>Adds what a layer's changes come to.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="dropped">The layer that is left out of the gradient, not before this one; null for none.</param>
    /// <param name="changes">A number a cell of the layer.</param>
    /// <param name="weight">What each is multiplied by.</param>
    public void Add(int layer, int? dropped, ReadOnlySpan<double> changes, double weight)
    {
        var sum = sums[dropped + 1 ?? 0][layer] ??= new double[changes.Length];
        for (var cell = 0; cell < sum.Length; cell++) sum[cell] += weight * changes[cell];
    }

    /// <summary>Every cell's change, flat over the grid.</summary>
    public double[] Cells() => [.. Enumerable.Range(0, layers).SelectMany(layer => drops ? OverDrops(layer) : Of(layer, null))];

    /// <summary>The layer's cells, of the layers that each patches.</summary>
    private double[] Of(int centre, int? dropped)
    {
        var cells = new double[sums[0][centre]!.Length];
        for (var layer = task.From(centre); layer <= Math.Min(task.To(centre), layers - 1); layer++)
            if (Layer(layer, dropped) is { } changes)
                for (var cell = 0; cell < cells.Length; cell++) cells[cell] += changes[cell];
        return cells;
    }

    /// <summary>What a layer's changes come to; null where its gradient is left out.</summary>
    private double[]? Layer(int layer, int? dropped) => dropped < layer ? sums[0][layer] : sums[dropped + 1 ?? 0][layer];

    /// <summary>The mean over left out layers of the size, where a layer that leaves nothing doesn't count; with the sign of nothing left out.</summary>
    /// <remarks>Kramár et al. 2024, arXiv:2403.00745, section 3.1.2: the sum over all layers, divided by the layers less the one that leaves nothing of a node in it.</remarks>
    private double[] OverDrops(int centre)
    {
        var cells = Of(centre, null);
        var sizes = new double[cells.Length];
        var leavesNothing = !SiteGradients.IsStream(task.Site.Activation) && Math.Max(0, task.From(centre)) == Math.Min(task.To(centre), layers - 1);
        for (var dropped = 0; dropped < layers; dropped++)
            foreach (var (cell, change) in Of(centre, dropped).Index()) sizes[cell] += Math.Abs(change);
        return [.. cells.Zip(sizes, (plain, size) => (plain < 0 ? -size : size) / (layers - (leavesNothing ? 1 : 0)))];
    }
}
