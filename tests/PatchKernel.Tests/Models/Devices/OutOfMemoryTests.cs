using System.Runtime.InteropServices;
using PatchKernel.Models;
using PatchKernel.Torch;
using TorchSharp;

namespace PatchKernel.Tests.Models.Devices;

public sealed class OutOfMemoryTests
{
    [Fact]
    public void What_does_not_fit_is_told_in_a_sentence()
    {
        TorchRuntime.EnsureLoaded();
        var told = Assert.Throws<PatchKernelException>(() => OutOfMemory.Guard(() => torch.empty(1L << 55)));
        Assert.StartsWith("There isn't enough memory for this: choose the residency streamed", told.Message, StringComparison.Ordinal);
        Assert.IsType<ExternalException>(told.InnerException, exactMatch: false);
    }

    [Fact]
    public void Other_failures_of_libtorch_pass() =>
        Assert.Throws<ExternalException>(() => OutOfMemory.Guard(() => torch.ones(2, 3).view(7)));
}
