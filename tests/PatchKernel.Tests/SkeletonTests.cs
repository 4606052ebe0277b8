namespace PatchKernel.Tests;

public sealed class SkeletonTests
{
    [Fact]
    public void Torch_adds()
    {
        using var t = TorchSharp.torch.ones(2);
        Assert.Equal(2f, t.sum().item<float>());
    }
}
