using PatchKernel.Activations;
using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>One full forward a cell: the plain way, which the wavefront is checked against.</summary>
internal sealed class NaiveSweep : IDisposable
{
    /// <summary>The method's name in result files.</summary>
    public const string Name = "naive";

    private readonly LanguageModel model;
    private readonly IReadOnlyList<Lane> lanes;
    private readonly Activation[] wanted;
    private readonly ActivationCache[] caches;

    /// <summary>Readies a cache for each lane; nothing runs yet.</summary>
    public NaiveSweep(LanguageModel model, IReadOnlyList<Lane> lanes, IReadOnlyList<SweepTask> tasks)
    {
        (this.model, this.lanes) = (model, lanes);
        wanted = [.. tasks.Select(task => task.Site.Activation).Distinct()];
        caches = [.. lanes.Select(_ => new ActivationCache(wanted))];
    }

    /// <summary>Runs every lane and keeps what the sweeps put in.</summary>
    /// <returns>Each lane's logits at the positions that are read, flat, [positions · d_vocab].</returns>
    public float[][] RunLanes(CancellationToken cancel) => [.. Lanes(caches).Select(lane =>
    {
        using var logits = model.LastLogits([lane], cancel);
        return logits.ToFloats();
    })];

    /// <summary>Logits with one cell patched; the lanes have run.</summary>
    /// <returns>[positions that are read, d_vocab]; owned by the caller's dispose scope.</returns>
    public Tensor Run(SweepTask task, int cell, CancellationToken cancel) => model.LastLogits([Of(task, cell, caches)], cancel);

    /// <summary>The same of several cells of one pair, with the lanes that they need, in one pass through the layers: no weight is read twice.</summary>
    /// <returns>[cells, positions that are read, d_vocab]; owned by the caller's dispose scope.</returns>
    public Tensor RunTogether(IReadOnlyList<(SweepTask Task, int Cell)> cells, CancellationToken cancel) => WithLayerCaches(caches =>
    {
        using var scope = NewDisposeScope();
        var logits = model.LastLogits([.. Lanes(caches), .. cells.Select(cell => Of(cell.Task, cell.Cell, caches))], cancel);
        var (before, read) = (lanes.Sum(lane => lane.Read), lanes[cells[0].Task.Base].Read);
        return scope.MoveToOuter(logits.narrow(0, before, cells.Count * read).view(cells.Count, read, -1));
    });

    /// <summary>The error of a cell whose logits aren't finite.</summary>
    public PatchKernelException NonFiniteError(SweepTask task, int cell, CancellationToken cancel)
    {
        var at = task.Site.At(cell, task.Site.Shape(model.Config, lanes[task.Base].Prompt));
        var place = $"layer {at.Layer}{(at.Pos is { } pos ? $", position {pos}" : "")}{(at.Head is { } head ? $", head {head}" : "")}";
        return WithLayerCaches(caches => NonFinite.Error(
            model, [.. Lanes(caches), Of(task, cell, caches)], lanes.Count, $"With {task.Site.Activation.Name()} patched at {place}, the", cancel));
    }

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

    private IEnumerable<TappedRun> Lanes(ActivationCache[] kept) => lanes.Select((lane, index) => Run(lane, kept[index]));

    private TappedRun Of(SweepTask task, int cell, ActivationCache[] kept)
    {
        var lane = lanes[task.Base];
        var at = task.Site.At(cell, task.Site.Shape(model.Config, lane.Prompt));
        var (from, to) = (task.From(at.Layer), Math.Min(task.To(at.Layer), model.Config.NLayers - 1));
        // An answer's positions behind the prompt stay as they are.
        int?[] positions = at.Pos is null && lane.Answer > 0 ? [.. Enumerable.Range(0, lane.Prompt).Select(pos => (int?)pos)] : [at.Pos];
        var patches = Enumerable.Range(from, to - from + 1)
            .SelectMany(layer => positions.Select(pos => Tap.Put(task.Site.Activation, layer, pos, Source, at.Head)));
        return Run(lane, [.. patches]);

        Tensor Source(int layer)
        {
            return task.Value.Of(Kept(task.Base), Kept);

            Tensor Kept(int run) => kept[run][task.Site.Activation, layer][0];
        }
    }

    /// <summary>A lane's run under taps; as it is without.</summary>
    public static TappedRun Run(Lane lane, params IReadOnlyList<ITap> taps) =>
        new(lane.Ids, TapSequence.Of(lane.Noise is { } noise ? [Tap.Replace(Activation.Embed, value => value + noise), .. taps] : taps)) { Read = lane.Read };
}
