using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>The stream leaving a block.</summary>
internal sealed class ResidPostSite : StreamSite
{
    public override Activation Activation => Activation.ResidPost;
    public override Stage Stage => Stage.NextBlock;
    protected override Tensor Changed(LayerView layer, int first) => layer.Source(Activation.ResidPost, first);
}
