using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>One layer of a run as a graph of its own, from the stream that enters to the one that leaves, with one activation kept in it.</summary>
internal sealed class SiteLayer : IDisposable
{
    private readonly Lease lease;
    private readonly Tensor entering;
    private readonly SiteTap tap;

    /// <summary>Computes the layer.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="entering">The stream that enters, [pos, d_model], on the layer's device; copied.</param>
    /// <param name="site">The activation.</param>
    public SiteLayer(LanguageModel model, int layer, Tensor entering, Activation site)
    {
        (Layer, tap) = (layer, new SiteTap(site));
        lease = model.Weights.Layer(layer);
        try
        {
            var block = new Block(model.Config, layer, lease.Weights);
            Attention = block.Attention;
            using var gradients = enable_grad();
            using var scope = NewDisposeScope();
            this.entering = entering.detach().clone().requires_grad_().DetachFromDisposeScope();
            Leaving = block.Forward(this.entering.alias(), new PromptRows(tap, layer, model.Rotation(layer, 0, (int)entering.shape[0]), past: null)).DetachFromDisposeScope();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The layer.</summary>
    public int Layer { get; }

    /// <summary>Its attention.</summary>
    public Attention Attention { get; }

    /// <summary>The stream that leaves, [pos, d_model].</summary>
    public Tensor Leaving { get; }

    /// <summary>Gradients with respect to the stream that enters and to the activation.</summary>
    /// <param name="slope">With respect to the stream that leaves.</param>
    /// <param name="again">Whether others will be asked for.</param>
    /// <returns>[pos, d_model], and the activation's shape without its batch axis; owned by the caller's dispose scope.</returns>
    public (Tensor Entering, Tensor Site) Back(Tensor slope, bool again)
    {
        using var scope = NewDisposeScope();
        var slopes = autograd.grad([Leaving], [entering, tap.Value!], [slope], retain_graph: again);
        return (scope.MoveToOuter(slopes[0]), scope.MoveToOuter(slopes[1].squeeze(0)));
    }

    public void Dispose()
    {
        tap.Value?.Dispose();
        entering?.Dispose();
        Leaving?.Dispose();
        lease.Dispose();
    }

    /// <summary>Keeps the activation as a part of the graph.</summary>
    private sealed class SiteTap(Activation wanted) : ITap
    {
        public Tensor? Value { get; private set; }

        public bool Wants(Activation activation, int layer) => activation == wanted;

        public Tensor Visit(Activation activation, int layer, Tensor value) => activation == wanted ? Value = value.alias().DetachFromDisposeScope() : value;
    }
}
