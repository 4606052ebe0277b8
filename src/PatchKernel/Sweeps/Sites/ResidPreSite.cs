using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>The stream entering a block.</summary>
internal sealed class ResidPreSite : StreamSite
{
    public override Activation Activation => Activation.ResidPre;
    public override Stage Stage => Stage.Block;
    protected override Tensor Changed(LayerView layer, int first) => layer.Source(Activation.ResidPre, first);
}
