using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>The gated MLP of one block, on packed rows.</summary>
/// <remarks>SwiGLU; Shazeer 2020, arXiv:2002.05202.</remarks>
internal sealed class Mlp(int layer, LayerWeights weights)
{
    /// <summary>What the MLP adds to the stream.</summary>
    /// <param name="normed">The normed stream, [.., d_model].</param>
    /// <param name="tap">Visits mlp_post.</param>
    /// <returns>mlp_out, [.., d_model].</returns>
    public Tensor Forward(Tensor normed, ITap tap)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(Output(tap.Visit(Activation.MlpPost, layer, Hidden(normed))));
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
