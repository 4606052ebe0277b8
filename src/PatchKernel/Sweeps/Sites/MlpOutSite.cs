using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>The MLP's addition to the stream.</summary>
internal sealed class MlpOutSite : StreamSite
{
    public override Activation Activation => Activation.MlpOut;
    public override Stage Stage => Stage.NextBlock;
    protected override Tensor Changed(LayerView layer, int first) => layer.Base(Activation.ResidMid, first).Plus(layer.Source(Activation.MlpOut, first));
}
