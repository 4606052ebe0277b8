using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>The stream between attention and the MLP.</summary>
internal sealed class ResidMidSite : StreamSite
{
    public override Activation Activation => Activation.ResidMid;
    public override Stage Stage => Stage.Mlp;
    protected override Tensor Changed(LayerView layer, int first) => layer.Source(Activation.ResidMid, first);
}
