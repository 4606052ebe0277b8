using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>One layer of some runs as a graph of its own, from the streams that enter to those that leave: gradients go through it whenever they are asked for.</summary>
internal sealed class LayerGraph : IDisposable
{
    private readonly Lease lease;
    private readonly GraphNodes nodes = new();

    /// <summary>Computes the layer.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="entering">The streams that enter, [runs · pos, d_model], on the layer's device; copied.</param>
    /// <param name="rows">Makes the layer's rows, which keep as nodes what gradients are taken to.</param>
    public LayerGraph(LanguageModel model, int layer, Tensor entering, Func<int, GraphNodes, IBlockRows> rows)
    {
        (Layer, lease) = (layer, model.Weights.Layer(layer));
        try
        {
            Block = new Block(model.Config, layer, lease.Weights);
            using var gradients = enable_grad();
            using var scope = NewDisposeScope();
            Entering = entering.detach().clone().requires_grad_().DetachFromDisposeScope();
            Leaving = Block.Forward(Entering.alias(), rows(layer, nodes)).DetachFromDisposeScope();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The layer.</summary>
    public int Layer { get; }

    /// <summary>The layer's block; its weights are there as long as this.</summary>
    public Block Block { get; }

    /// <summary>The streams that enter, [runs · pos, d_model].</summary>
    public Tensor Entering { get; }

    /// <summary>The streams that leave, [runs · pos, d_model].</summary>
    public Tensor Leaving { get; }

    /// <summary>Whether an activation was kept: the run reached it.</summary>
    public bool Has(Activation node) => nodes.Has(node);

    /// <summary>Gradients with respect to the streams that enter and to kept activations.</summary>
    /// <param name="slope">With respect to the streams that leave, [runs · pos, d_model].</param>
    /// <param name="wanted">The activations.</param>
    /// <param name="again">Whether others will be asked for.</param>
    /// <returns>The streams', [runs · pos, d_model], then each activation's, as it was kept; owned by the caller's dispose scope.</returns>
    public IList<Tensor> Back(Tensor slope, IReadOnlyList<Activation> wanted, bool again) =>
        autograd.grad([Leaving], [Entering, .. wanted.Select(node => nodes[node])], [slope], retain_graph: again);

    public void Dispose()
    {
        nodes.Dispose();
        Entering?.Dispose(); // where the layer failed, there may be none
        Leaving?.Dispose();
        lease.Dispose();
    }
}

/// <summary>Activations that are kept as parts of a graph, so that gradients can be taken to them.</summary>
internal sealed class GraphNodes : IDisposable
{
    private readonly Dictionary<Activation, Tensor> kept = [];

    public Tensor this[Activation activation] => kept[activation];

    /// <summary>Whether an activation was kept.</summary>
    public bool Has(Activation activation) => kept.ContainsKey(activation);

    /// <summary>Keeps an activation.</summary>
    /// <returns>What the block has to go on with, so that it is a part of the graph; owned by this.</returns>
    public Tensor Keep(Activation activation, Tensor value) => kept[activation] = value.alias().DetachFromDisposeScope();

    public void Dispose()
    {
        foreach (var value in kept.Values) value.Dispose();
    }
}
