using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>One full forward a cell: the plain way, which the wavefront is checked against.</summary>
internal sealed class NaiveSweep : IDisposable
{
    /// <summary>The method's name in result files.</summary>
    public const string Name = "naive";

    private readonly Llama model;
    private readonly IReadOnlyList<Lane> lanes;
    private readonly ActivationCache[] caches;

    /// <summary>Readies a cache for each lane; nothing runs yet.</summary>
    public NaiveSweep(Llama model, IReadOnlyList<Lane> lanes, IReadOnlyList<SweepTask> tasks)
    {
        (this.model, this.lanes) = (model, lanes);
        Activation[] wanted = [.. tasks.Select(task => task.Site.Activation).Distinct()];
        caches = [.. lanes.Select(_ => new ActivationCache(wanted))];
    }

    /// <summary>Runs every lane and keeps what the sweeps put in.</summary>
    /// <returns>Each lane's logits at the last position, [d_vocab].</returns>
    public float[][] RunLanes(CancellationToken cancel) =>
        [.. Enumerable.Range(0, lanes.Count).Select(lane => model.NextTokenLogits(lanes[lane].Ids, Of(lane).Tap, cancel))];

    /// <summary>The last position's logits with one cell patched; the lanes have run.</summary>
    /// <returns>[d_vocab]; owned by the caller's dispose scope.</returns>
    public Tensor Run(SweepTask task, int cell, CancellationToken cancel)
    {
        var run = Of(task, cell);
        return model.LastLogits(run.Ids, run.Tap, cancel);
    }

    /// <summary>The same of several cells, with the lanes that they need, in one pass through the layers: no weight is read twice.</summary>
    /// <returns>[cells, d_vocab]; owned by the caller's dispose scope.</returns>
    public Tensor RunTogether(IReadOnlyList<(SweepTask Task, int Cell)> cells, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        var logits = model.LastLogits([.. lanes.Select((_, lane) => Of(lane)), .. cells.Select(cell => Of(cell.Task, cell.Cell))], cancel);
        return scope.MoveToOuter(logits.narrow(0, lanes.Count, cells.Count));
    }

    /// <summary>Frees what was kept.</summary>
    public void Dispose()
    {
        foreach (var cache in caches) cache.Dispose();
    }

    private TappedRun Of(int lane) => new(lanes[lane].Ids, Noised(lanes[lane], caches[lane]));

    private TappedRun Of(SweepTask task, int cell)
    {
        var lane = lanes[task.Base];
        return new(lane.Ids, Noised(lane, new CellPatch(task, task.Site.At(cell, task.Site.Shape(model.Config, lane.Ids.Count)), Source)));

        Tensor Source(int layer)
        {
            return task.Value.Of(Kept(task.Base), Kept);

            Tensor Kept(int run) => caches[run][task.Site.Activation, layer][0];
        }
    }

    private static ITap Noised(Lane lane, ITap tap) => lane.Noise is null ? tap : new TapSequence(new EmbeddingNoise(lane.Noise), tap);
}
