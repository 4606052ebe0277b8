using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Queries before the rotary embedding.</summary>
internal sealed class QSite(bool eachPosition) : QuerySideSite(eachPosition)
{
    public override Activation Activation => Activation.Q;

    protected override Tensor PatchedZ(LayerView layer, int first)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(layer.Attend(layer.Source(Activation.Q, first), layer.Base(Activation.K, 0), layer.Base(Activation.V, 0), first));
    }
}
