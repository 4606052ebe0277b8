using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Circuits;

/// <summary>Runs of one length in one block, one under another, which nobody watches.</summary>
/// <param name="length">Each run's tokens.</param>
/// <param name="rotation">The rotary embedding at their positions.</param>
internal sealed class BatchRows(int length, Rotation rotation) : IBlockRows
{
    public bool Wants(Activation activation) => false;

    public Tensor Visit(Activation activation, Tensor packed) => packed;

    public Tensor Queried(Tensor packed) => packed;

    public Tensor Mix(Attention attention, Tensor q, Tensor k, Tensor v)
    {
        using var scope = NewDisposeScope();
        var z = attention.Mix(attention.ReadyQueries(Runs(q), rotation), attention.ReadyKeys(Runs(k), rotation), Runs(v));
        return scope.MoveToOuter(z.flatten(0, 1));
    }

    private Tensor Runs(Tensor packed) => packed.unflatten(0, -1, length);
}
