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
    private readonly ActivationCache[] caches;

    /// <summary>Readies a cache for each lane; nothing runs yet.</summary>
    /// <param name="model">The model.</param>
    /// <param name="lanes">The unpatched runs.</param>
    /// <param name="tasks">The sweeps.</param>
    /// <param name="together">Whether lanes go side by side with cells, and are kept in the newest layer alone; else they run once, before the cells.</param>
    /// <param name="beside">What is kept beside the sites' own.</param>
    public NaiveSweep(LanguageModel model, IReadOnlyList<Lane> lanes, IReadOnlyList<SweepTask> tasks, bool together = false, params IEnumerable<Activation> beside)
    {
        (this.model, this.lanes) = (model, lanes);
        Activation[] wanted = [.. tasks.Select(task => task.Site.Activation).Concat(beside).Distinct()];
        caches = [.. lanes.Select(_ => new ActivationCache(wanted) { NewestLayerAlone = together })];
    }

    /// <summary>Runs every lane and keeps what the sweeps put in.</summary>
    /// <returns>Each lane's logits at the positions that are read, flat, [positions · d_vocab].</returns>
    public float[][] RunLanes(CancellationToken cancel) => [.. Lanes.Select(lane =>
    {
        using var logits = model.LastLogits([lane], cancel);
        return logits.ToFloats();
    })];

    /// <summary>A lane's activation in a layer; the lanes have run.</summary>
    public PlacedValue Kept(int lane, Activation activation, int layer) => new(caches[lane][activation, layer][0], First: 0);

    /// <summary>Logits with one cell patched; the lanes have run.</summary>
    /// <returns>[positions that are read, d_vocab]; owned by the caller's dispose scope.</returns>
    public Tensor Run(SweepTask task, int cell, CancellationToken cancel) => model.LastLogits([Of(task, cell)], cancel);

    /// <summary>The same of several cells of one pair, with the lanes that they need, in one pass through the layers: no weight is read twice.</summary>
    /// <returns>[cells, positions that are read, d_vocab]; owned by the caller's dispose scope.</returns>
    public Tensor RunTogether(IReadOnlyList<(SweepTask Task, int Cell)> cells, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        var logits = model.LastLogits([.. Lanes, .. cells.Select(cell => Of(cell.Task, cell.Cell))], cancel);
        var (before, read) = (lanes.Sum(lane => lane.Read), lanes[cells[0].Task.Base].Read);
        return scope.MoveToOuter(logits.narrow(0, before, cells.Count * read).view(cells.Count, read, -1));
    }

    /// <summary>The error of a cell whose logits aren't finite.</summary>
    public PatchKernelException NonFiniteError(SweepTask task, int cell, CancellationToken cancel)
    {
        var at = task.Site.At(cell, task.Site.Shape(model.Config, lanes[task.Base].Prompt));
        var place = $"layer {at.Layer}{(at.Pos is { } pos ? $", position {pos}" : "")}{(at.Head is { } head ? $", head {head}" : "")}";
        return NonFinite.Error(model, [.. Lanes, Of(task, cell)], lanes.Count, $"With {task.Site.Activation.Name()} patched at {place}, the", cancel);
    }

    /// <summary>Frees what was kept.</summary>
    public void Dispose()
    {
        foreach (var cache in caches) cache.Dispose();
    }

    private IEnumerable<TappedRun> Lanes => lanes.Select((lane, index) => Run(lane, caches[index]));

    private TappedRun Of(SweepTask task, int cell)
    {
        var lane = lanes[task.Base];
        var at = task.Site.At(cell, task.Site.Shape(model.Config, lane.Prompt));
        var (from, to) = (task.From(at.Layer), Math.Min(task.To(at.Layer), model.Config.NLayers - 1));
        // An answer's positions behind the prompt stay as they are.
        int?[] positions = task.Value.Targets is { } targets ? [.. targets.Select(pos => (int?)pos)]
            : at.Pos is null && lane.Answer > 0 ? [.. Enumerable.Range(0, lane.Prompt).Select(pos => (int?)pos)] : [at.Pos];
        var patches = Enumerable.Range(from, to - from + 1)
            .SelectMany(layer => positions.Select(pos => Tap.Put(task.Site.Activation, layer, pos, Source, at.Head)));
        return Run(lane, [.. patches]);

        Tensor Source(int layer)
        {
            return task.Value.Of(Own(task.Base), Own);

            PlacedValue Own(int run) => Kept(run, task.Site.Activation, layer);
        }
    }

    /// <summary>A lane's run under taps; as it is without.</summary>
    public static TappedRun Run(Lane lane, params IReadOnlyList<ITap> taps) =>
        new(lane.Ids, TapSequence.Of(lane.Noise is { } noise ? [Tap.Replace(Activation.Embed, value => value + noise), .. taps] : taps)) { Read = lane.Read };
}
