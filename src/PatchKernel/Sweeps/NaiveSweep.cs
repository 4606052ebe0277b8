using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>One full forward a cell: the plain way, which the wavefront is checked against.</summary>
internal sealed class NaiveSweep : IDisposable
{
    /// <summary>The method's name in result files.</summary>
    public const string Name = "naive";

    private readonly Llama model;
    private readonly IReadOnlyList<Lane> lanes;
    private readonly Activation[] wanted;
    private readonly ActivationCache[] caches;

    /// <summary>Readies a cache for each lane; nothing runs yet.</summary>
    public NaiveSweep(Llama model, IReadOnlyList<Lane> lanes, IReadOnlyList<SweepTask> tasks)
    {
        (this.model, this.lanes) = (model, lanes);
        wanted = [.. tasks.Select(task => task.Site.Activation).Distinct()];
        caches = [.. lanes.Select(_ => new ActivationCache(wanted))];
    }

    /// <summary>Runs every lane and keeps what the sweeps put in.</summary>
    /// <returns>Each lane's logits at the last position, [d_vocab].</returns>
    public float[][] RunLanes(CancellationToken cancel) =>
        [.. Lanes(caches).Select(lane => model.NextTokenLogits(lane.Ids, lane.Tap, cancel))];

    /// <summary>The last position's logits with one cell patched; the lanes have run.</summary>
    /// <returns>[d_vocab]; owned by the caller's dispose scope.</returns>
    public Tensor Run(SweepTask task, int cell, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(model.LastLogits([Of(task, cell, caches)], cancel)[0]);
    }

    /// <summary>The same of several cells, with the lanes that they need, in one pass through the layers: no weight is read twice.</summary>
    /// <returns>[cells, d_vocab]; owned by the caller's dispose scope.</returns>
    public Tensor RunTogether(IReadOnlyList<(SweepTask Task, int Cell)> cells, CancellationToken cancel) => WithLayerCaches(caches =>
    {
        using var scope = NewDisposeScope();
        var logits = model.LastLogits([.. Lanes(caches), .. cells.Select(cell => Of(cell.Task, cell.Cell, caches))], cancel);
        return scope.MoveToOuter(logits.narrow(0, lanes.Count, cells.Count));
    });

    /// <summary>The error of a cell whose logits aren't finite.</summary>
    public PatchKernelException NonFiniteError(SweepTask task, int cell, CancellationToken cancel)
    {
        var at = task.Site.At(cell, task.Site.Shape(model.Config, lanes[task.Base].Ids.Count));
        var place = $"layer {at.Layer}{(at.Pos is { } pos ? $", position {pos}" : "")}{(at.Head is { } head ? $", head {head}" : "")}";
        return WithLayerCaches(caches => NonFinite.Error(
            model, [.. Lanes(caches), Of(task, cell, caches)], lanes.Count, $"With {task.Site.Activation.Name()} patched at {place}, the", cancel));
    }

    /// <summary>A lane's run as it is.</summary>
    public static TappedRun Unpatched(Lane lane) => new(lane.Ids, Noised(lane, NoTap.Instance));

    /// <summary>Frees what was kept.</summary>
    public void Dispose()
    {
        foreach (var cache in caches) cache.Dispose();
    }

    /// <summary>Runs with caches for lanes that go side by side with the cells: they keep the newest layer alone.</summary>
    private T WithLayerCaches<T>(Func<ActivationCache[], T> run)
    {
        ActivationCache[] newest = [.. lanes.Select(_ => new ActivationCache(wanted) { NewestLayerAlone = true })];
        try
        {
            return run(newest);
        }
        finally
        {
            foreach (var cache in newest) cache.Dispose();
        }
    }

    private IEnumerable<TappedRun> Lanes(ActivationCache[] kept) => lanes.Select((lane, index) => new TappedRun(lane.Ids, Noised(lane, kept[index])));

    private TappedRun Of(SweepTask task, int cell, ActivationCache[] kept)
    {
        var lane = lanes[task.Base];
        return new(lane.Ids, Noised(lane, new CellPatch(task, task.Site.At(cell, task.Site.Shape(model.Config, lane.Ids.Count)), Source)));

        Tensor Source(int layer)
        {
            return task.Value.Of(Kept(task.Base), Kept);

            Tensor Kept(int run) => kept[run][task.Site.Activation, layer][0];
        }
    }

    private static ITap Noised(Lane lane, ITap tap) => lane.Noise is null ? tap : new TapSequence(new EmbeddingNoise(lane.Noise), tap);
}
