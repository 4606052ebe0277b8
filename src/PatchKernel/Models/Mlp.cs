using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>The gated MLP of one block, on packed rows.</summary>
/// <remarks>SwiGLU; Shazeer 2020, arXiv:2002.05202.</remarks>
internal sealed class Mlp(int layer, LayerWeights weights)
{
    // Of a longer prompt, hidden units are there for so many positions at once.
    private const int MostPositions = 1024;

    /// <summary>What the MLP adds to the stream.</summary>
    /// <param name="normed">The normed stream, [batch, pos, d_model].</param>
    /// <param name="tap">Visits mlp_post; of a long prompt only where it wants it.</param>
    /// <returns>mlp_out, [batch, pos, d_model].</returns>
    public Tensor Forward(Tensor normed, ITap tap)
    {
        using var scope = NewDisposeScope();
        if (normed.shape[1] <= MostPositions || tap.Wants(Activation.MlpPost, layer))
            return scope.MoveToOuter(Output(tap.Visit(Activation.MlpPost, layer, Hidden(normed))));
        return scope.MoveToOuter(cat([.. normed.split(MostPositions, 1).Select(Part)], 1));

        Tensor Part(Tensor positions)
        {
            using var partScope = NewDisposeScope();
            return partScope.MoveToOuter(Output(Hidden(positions)));
        }
    }

    /// <summary>[.., d_model] to mlp_post, [.., d_mlp].</summary>
    public Tensor Hidden(Tensor normed)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(nn.functional.silu(weights.WGate.Forward(normed)) * weights.WIn.Forward(normed));
    }

    /// <summary>mlp_post, [.., d_mlp], to mlp_out, [.., d_model].</summary>
    public Tensor Output(Tensor hidden) => weights.WOut.Forward(hidden);
}
