using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Each head's mix of values.</summary>
internal sealed class ZSite(bool eachPosition) : QuerySideSite(eachPosition)
{
    public override Activation Activation => Activation.Z;
    protected override Tensor PatchedZ(LayerView layer, int first) => layer.Source(Activation.Z, first);
}
