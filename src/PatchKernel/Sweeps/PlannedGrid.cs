namespace PatchKernel.Sweeps;

/// <summary>A request and what it comes to.</summary>
/// <param name="Request">The request.</param>
/// <param name="Site">What it patches.</param>
/// <param name="Clean">The clean run's lane.</param>
/// <param name="Corrupt">The corrupt run's lane; of noise, one a sample.</param>
/// <param name="Samples">Its sweeps: of noise for each sample, else once; by roles one a place, else one.</param>
internal sealed record PlannedGrid(SweepRequest Request, Site Site, int Clean, int[] Corrupt, int[][] Samples)
{
    /// <summary>The model's number of layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Where the roles are; null where cells are positions.</summary>
    public IReadOnlyList<RolePlace>? Places { get; init; }

    /// <summary>All of its sweeps.</summary>
    public IEnumerable<int> Tasks => Samples.SelectMany(tasks => tasks);

    /// <summary>The grid's axes.</summary>
    public IReadOnlyList<string> Axes => Places is null ? Site.Axes : ["layer", "role", .. Site.Axes.Skip(1)];

    /// <summary>The grid's size along each axis.</summary>
    public IReadOnlyList<int> Shape(ModelConfig config)
    {
        var shape = Site.Shape(config, Request.Pair.Clean.Length);
        return Places is null ? shape : [shape[0], Places.Count, .. shape.Skip(1)];
    }

    /// <summary>Each sample's cells, flat and row-major over <see cref="Shape"/>.</summary>
    /// <param name="of">From a sweep to its own cells.</param>
    public T[][] Cells<T>(Func<int, T[]> of) => [.. Samples.Select(tasks => Woven([.. tasks.Select(of)]))];

    /// <summary>Sweeps of one role each, [layer, …], as [layer, role, …].</summary>
    private T[] Woven<T>(T[][] sweeps)
    {
        if (sweeps.Length == 1) return sweeps[0];
        var perLayer = sweeps[0].Length / Layers;
        return [.. Enumerable.Range(0, Layers).SelectMany(layer => sweeps.SelectMany(sweep => sweep.Skip(layer * perLayer).Take(perLayer)))];
    }
}
