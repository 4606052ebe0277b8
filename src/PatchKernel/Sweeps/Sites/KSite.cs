using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Keys before the rotary embedding.</summary>
internal sealed class KSite(bool eachPosition) : KeySideSite(eachPosition)
{
    public override Activation Activation => Activation.K;

    protected override Tensor PatchedZ(LayerView layer, int patched, int count, int first)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(layer.Attend(layer.Base(Activation.Q, first), Replaced(layer, Activation.K, patched, count), layer.Base(Activation.V, 0), first));
    }
}
