using TorchSharp;

namespace PatchKernel.Tests;

public sealed class ComputeDeviceTests
{
    [Theory]
    [InlineData(null, 0, DeviceType.CPU, -1)]
    [InlineData(null, 2, DeviceType.CUDA, 0)]
    [InlineData("cpu", 2, DeviceType.CPU, -1)]
    [InlineData("cuda", 2, DeviceType.CUDA, 0)]
    [InlineData("cuda:1", 2, DeviceType.CUDA, 1)]
    public void A_name_or_none_chooses_the_device(string? name, int gpus, DeviceType type, int index)
    {
        var device = ComputeDevice.Choose(name, gpus);
        Assert.Equal((type, index), (device.type, device.index));
    }

    [Theory]
    [InlineData("cuda", 0, "The device cuda isn't there: build with -p:Cuda=true on a machine that has an NVIDIA GPU and its driver, or give cpu.")]
    [InlineData("cuda:3", 0, "The device cuda:3 isn't there: build with -p:Cuda=true on a machine that has an NVIDIA GPU and its driver, or give cpu.")]
    [InlineData("cuda:3", 1, "The device cuda:3 isn't there: this machine has one GPU, cuda:0.")]
    [InlineData("cuda:3", 2, "The device cuda:3 isn't there: this machine has 2 GPUs, cuda:0 to cuda:1.")]
    [InlineData("cuda:", 2, "'cuda:' is no device: give cpu, cuda or cuda:N.")]
    [InlineData("cuda:-1", 2, "'cuda:-1' is no device: give cpu, cuda or cuda:N.")]
    [InlineData("cuda: 1", 2, "'cuda: 1' is no device: give cpu, cuda or cuda:N.")]
    [InlineData("gpu", 2, "'gpu' is no device: give cpu, cuda or cuda:N.")]
    [InlineData("", 0, "'' is no device: give cpu, cuda or cuda:N.")]
    public void A_device_that_is_not_there_is_refused(string name, int gpus, string message) =>
        Assert.Equal(message, Assert.Throws<PatchKernelException>(() => ComputeDevice.Choose(name, gpus)).Message);

    [Fact]
    public void A_device_is_found_on_this_machine()
    {
        Assert.Equal(DeviceType.CPU, ComputeDevice.Parse("cpu").type);
        using var tensor = torch.ones(2, device: ComputeDevice.Parse(null));
        Assert.Equal(2f, tensor.sum().item<float>());
    }
}
