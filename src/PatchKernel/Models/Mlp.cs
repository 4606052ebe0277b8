using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>The MLP of one block, on packed rows.</summary>
/// <remarks>With a gate: Shazeer 2020, arXiv:2002.05202.</remarks>
internal sealed class Mlp(ModelConfig config, LayerWeights weights)
{
    // Of more rows, hidden units are there for so many at once.
    public const int MostRows = 2048;

    private readonly Func<Tensor, Tensor> nonlinearity = config.Parts.Nonlinearity.Apply;
    private readonly Linear? gate = config.Parts.Gated ? weights[Slot.Gate] : null;
    private readonly Linear wIn = weights[Slot.In], wOut = weights[Slot.Out];
    private readonly Norm? behind = weights.NormOf(config, Slot.MlpOutNorm);

    /// <summary>What the MLP adds to the stream.</summary>
    /// <param name="normed">The normed stream, [rows, d_model].</param>
    /// <param name="rows">Sees mlp_post; of many rows only where it wants it.</param>
    /// <returns>mlp_out, [rows, d_model]; owned by the caller's dispose scope.</returns>
    public Tensor Forward(Tensor normed, IBlockRows rows)
    {
        if (normed.shape[0] > MostRows && !rows.Wants(Activation.MlpPost))
            return QueryBlocks.Join(normed.shape[0], MostRows, (from, count) => Output(Hidden(normed.narrow(0, from, count))), axis: 0);
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(Output(rows.Visit(Activation.MlpPost, Hidden(normed))));
    }

    /// <summary>mlp_post, [rows, d_mlp], to mlp_out, [rows, d_model].</summary>
    public Tensor Output(Tensor hidden)
    {
        if (behind is null) return wOut.Forward(hidden);
        using var added = wOut.Forward(hidden);
        return behind.Forward(added);
    }

    private Tensor Hidden(Tensor normed)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(gate is null ? nonlinearity(wIn.Forward(normed)) : nonlinearity(gate.Forward(normed)) * wIn.Forward(normed));
    }
}
