using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>One full forward a cell: the plain way, which the wavefront is checked against.</summary>
internal sealed class NaiveSweep : IDisposable
{
    /// <summary>The method's name in result files.</summary>
    public const string Name = "naive";

    private readonly Llama model;
    private readonly IReadOnlyList<Lane> lanes;
    private readonly List<(ActivationCache Cache, float[] Logits)> runs = [];

    /// <summary>Runs every lane and keeps what the sweeps put in.</summary>
    public NaiveSweep(Llama model, IReadOnlyList<Lane> lanes, IReadOnlyList<SweepTask> tasks, CancellationToken cancel)
    {
        (this.model, this.lanes) = (model, lanes);
        Activation[] wanted = [.. tasks.Select(task => task.Site.Activation).Distinct()];
        try
        {
            foreach (var lane in lanes)
            {
                var cache = new ActivationCache(wanted);
                runs.Add((cache, []));
                runs[^1] = (cache, model.NextTokenLogits(lane.Ids, Noised(lane, cache), cancel));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>A lane's logits at the last position, [d_vocab].</summary>
    public float[] Logits(int lane) => runs[lane].Logits;

    /// <summary>The last position's logits with one cell patched.</summary>
    /// <returns>[d_vocab]; owned by the caller's dispose scope.</returns>
    public Tensor Run(SweepTask task, int cell, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        var lane = lanes[task.Base];
        var patch = new CellPatch(task, task.Site.At(cell, task.Site.Shape(model.Config, lane.Ids.Count)), Source);
        return scope.MoveToOuter(model.LastLogits(lane.Ids, Noised(lane, patch), cancel));

        Tensor Source(int layer)
        {
            return task.Value.Of(Kept(task.Base), Kept);

            Tensor Kept(int run) => runs[run].Cache[task.Site.Activation, layer][0];
        }
    }

    /// <summary>Frees what was kept.</summary>
    public void Dispose()
    {
        foreach (var (cache, _) in runs) cache.Dispose();
    }

    private static ITap Noised(Lane lane, ITap tap) => lane.Noise is null ? tap : new TapSequence(new EmbeddingNoise(lane.Noise), tap);
}
