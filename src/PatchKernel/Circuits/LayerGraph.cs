using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Circuits;

/// <summary>One layer of some runs as a graph of its own, from the streams that enter to those that leave: gradients go through it whenever they are asked for.</summary>
internal sealed class LayerGraph : IDisposable
{
    private readonly Block block;
    private readonly Lease lease;
    private readonly (int Heads, int KeyValueHeads) heads;
    private readonly PartList parts;
    private readonly GraphRows rows;
    private readonly Tensor entering;
    private readonly int length;

    /// <summary>Computes the layer.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="entering">The streams that enter, [runs · pos, d_model]; copied.</param>
    /// <param name="length">Each run's tokens.</param>
    /// <param name="put">What the layer's attention or MLP adds in place of its own; null for that.</param>
    public LayerGraph(LanguageModel model, int layer, Tensor entering, int length, SublayerValue? put)
    {
        (this.length, lease) = (length, model.Weights.Layer(layer));
        try
        {
            (block, heads, parts) = (new Block(model.Config, layer, lease.Weights), (model.Config.NHeads, model.Config.NKeyValueHeads), model.Config.Parts);
            using var gradients = enable_grad();
            using var scope = NewDisposeScope();
            this.entering = entering.detach().clone().requires_grad_().DetachFromDisposeScope();
            rows = new GraphRows(new BatchRows(length, model.Rotation(layer, 0, length)), put?.Layer == layer ? put : null);
            Leaving = block.Forward(this.entering.alias(), rows).DetachFromDisposeScope();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The streams that leave.</summary>
    public Tensor Leaving { get; }

    /// <summary>Gradients with respect to the streams as they enter the layer and as each receiver reads them.</summary>
    /// <param name="slope">With respect to the streams that leave, [sets · runs · pos, d_model].</param>
    /// <param name="runs">Over how many runs, one behind another, receivers' gradients are summed.</param>
    /// <param name="again">Whether others will be asked for.</param>
    /// <returns>[sets · runs · pos, d_model], and [receivers of the layer, sets · pos, d_model]; owned by the caller's dispose scope.</returns>
    public (Tensor Entering, Tensor Receivers) Back(Tensor slope, int runs, bool again)
    {
        using var scope = NewDisposeScope();
        Activation[] reached = [.. ((Activation[])[Activation.Q, Activation.K, Activation.V, Activation.ResidMid]).Where(node => rows.Nodes.ContainsKey(node))];
        var slopes = autograd.grad([Leaving], [entering, .. reached.Select(node => rows.Nodes[node])], [slope], retain_graph: again);
        using var noGrad = no_grad();
        var of = reached.Index().ToDictionary(node => node.Item, node => slopes[node.Index + 1]);
        var none = zeros([1, slope.shape[0] / runs, slope.shape[1]], slope.dtype, slope.device);
        // In parallel with one norm the MLP reads what attention's norm makes of the stream.
        var ofMlp = of.TryGetValue(Activation.ResidMid, out var mlp) ? Sum(parts.OneNorm ? block.BeforeNorm(entering, mlp.unsqueeze(0)) : mlp.unsqueeze(0)) : none;
        var ofHeads = of.TryGetValue(Activation.Q, out var q) ? block.BeforeHeads(entering, runs, length, q, of[Activation.K], of[Activation.V]) : none.expand(heads.Heads + 2 * heads.KeyValueHeads, -1, -1);
        return (scope.MoveToOuter(slopes[0]), scope.MoveToOuter(cat([ofHeads, ofMlp])));

        Tensor Sum(Tensor rows) => runs == 1 ? rows : rows.view(1, -1, runs, length, rows.shape[^1]).sum(2).flatten(1, 2);
    }

    public void Dispose()
    {
        rows?.Dispose(); // where the layer failed, there may be none
        entering?.Dispose();
        Leaving?.Dispose();
        lease.Dispose();
    }

    /// <summary>Keeps what gradients are taken to, and puts in what a sublayer adds in place of its own.</summary>
    private sealed class GraphRows(BatchRows rows, SublayerValue? put) : IBlockRows, IDisposable
    {
        /// <summary>Queries, keys and values, and as resid_mid what the MLP reads; those that a gradient reaches.</summary>
        public Dictionary<Activation, Tensor> Nodes { get; } = [];

        public bool Wants(Activation activation) => activation is Activation.Q or Activation.K or Activation.V || activation == put?.Activation;

        public Tensor Queried(Tensor packed) => packed;

        public Tensor Mix(Attention attention, Tensor q, Tensor k, Tensor v) => rows.Mix(attention, q, k, v);

        // A view, not an alias, which is the stream itself: the gradient of what the MLP adds to would come with it.
        public Tensor MlpReads(Tensor stream) => put?.Activation == Activation.MlpOut ? stream : Kept(Activation.ResidMid, stream.view(stream.shape));

        public Tensor Visit(Activation activation, Tensor packed)
        {
            if (activation == put?.Activation) return put.Value.alias();
            return activation is Activation.Q or Activation.K or Activation.V && put?.Activation != Activation.AttnOut ? Kept(activation, packed) : packed;
        }

        public void Dispose()
        {
            foreach (var node in Nodes.Values) node.Dispose();
        }

        private Tensor Kept(Activation activation, Tensor value) => Nodes[activation] = value.alias().DetachFromDisposeScope();
    }
}

/// <summary>What an attention or an MLP adds to the streams in place of its own.</summary>
/// <param name="Activation">attn_out or mlp_out.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Value">[runs · pos, d_model].</param>
internal sealed record SublayerValue(Activation Activation, int Layer, Tensor Value);
