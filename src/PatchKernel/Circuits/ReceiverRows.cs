using PatchKernel.Models;
using PatchKernel.Sweeps;
using static TorchSharp.torch;

namespace PatchKernel.Circuits;

/// <summary>Rows that keep what receivers' gradients are taken to, and put in what a sublayer adds in place of its own.</summary>
/// <param name="rows">The runs.</param>
/// <param name="nodes">Keeps queries, keys and values, and as resid_mid what the MLP reads; those that a gradient reaches.</param>
/// <param name="put">What the layer's attention or MLP adds in place of its own; null for that.</param>
internal sealed class ReceiverRows(BatchRows rows, GraphNodes nodes, SublayerValue? put) : IBlockRows
{
    public bool Wants(Activation activation) => activation is Activation.Q or Activation.K or Activation.V || activation == put?.Activation;

    public Tensor Queried(Tensor packed) => packed;

    public Tensor Mix(Attention attention, Tensor q, Tensor k, Tensor v) => rows.Mix(attention, q, k, v);

    // A view, not an alias, which is the stream itself: the gradient of what the MLP adds to would come with it.
    public Tensor MlpReads(Tensor stream) => put?.Activation == Activation.MlpOut ? stream : nodes.Keep(Activation.ResidMid, stream.view(stream.shape));

    public Tensor Visit(Activation activation, Tensor packed)
    {
        if (activation == put?.Activation) return put.Value.alias();
        return activation is Activation.Q or Activation.K or Activation.V && put?.Activation != Activation.AttnOut ? nodes.Keep(activation, packed) : packed;
    }
}

/// <summary>What an attention or an MLP adds to the streams in place of its own.</summary>
/// <param name="Activation">attn_out or mlp_out.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Value">[runs · pos, d_model].</param>
internal sealed record SublayerValue(Activation Activation, int Layer, Tensor Value);
