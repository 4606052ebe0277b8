using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Attention's addition to the stream.</summary>
internal sealed class AttnOutSite : StreamSite
{
    public override Activation Activation => Activation.AttnOut;
    public override Stage Stage => Stage.Mlp;
    protected override Tensor Changed(LayerView layer, int first) => layer.Base(Activation.ResidPre, first).Plus(layer.Source(Activation.AttnOut, first));
}
