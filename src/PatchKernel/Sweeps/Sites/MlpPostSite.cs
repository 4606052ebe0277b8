using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>The MLP's hidden units.</summary>
internal sealed class MlpPostSite : StreamSite
{
    public override Activation Activation => Activation.MlpPost;
    public override Stage Stage => Stage.MlpOutput;
    protected override Tensor Changed(LayerView layer, int first) => layer.Source(Activation.MlpPost, first);
}
