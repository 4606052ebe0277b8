using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>What one sweep's patches change in one layer, to be multiplied by gradients there.</summary>
internal abstract class SiteChange : IDisposable
{
    /// <summary>The change times a gradient.</summary>
    /// <param name="slope">The gradient, of the activation's shape without its batch axis.</param>
    /// <returns>A number for each of the layer's cells, in the grid's order, float64; owned by the caller's dispose scope.</returns>
    public abstract Tensor Times(Tensor slope);

    public abstract void Dispose();

    /// <summary>The layer's cells, of what each place comes to by itself.</summary>
    /// <param name="site">The site.</param>
    /// <param name="each">[pos], [pos, head], or of a pattern [head, query_pos].</param>
    /// <param name="prompt">The prompt's positions; those behind it are in no cell.</param>
    protected static Tensor Cells(Site site, Tensor each, int prompt)
    {
        var axis = site.Activation == Activation.Pattern ? 1 : 0;
        var inPrompt = each.narrow(axis, 0, prompt);
        if (site.EachPosition) return inPrompt.flatten();
        return site.HasHeads ? inPrompt.sum(axis) : inPrompt.sum().view(1);
    }
}

/// <summary>What is put in less what is there: the change to first order.</summary>
internal sealed class LinearChange : SiteChange
{
    private readonly Site site;
    private readonly int prompt;
    private readonly Tensor change;

    /// <param name="task">The sweep.</param>
    /// <param name="kept">The lanes' activations.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="prompt">The prompt's positions.</param>
    public LinearChange(SweepTask task, NaiveSweep kept, int layer, int prompt)
    {
        using var scope = NewDisposeScope();
        (site, this.prompt) = (task.Site, prompt);
        var there = kept.Kept(task.Base, site.Activation, layer);
        change = (task.Value.Of(there, lane => kept.Kept(lane, site.Activation, layer)) - there.Value).DetachFromDisposeScope();
    }

    public override Tensor Times(Tensor slope)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(Cells(site, (change * slope).to(ScalarType.Float64).sum(-1), prompt));
    }

    public override void Dispose() => change.Dispose();
}
