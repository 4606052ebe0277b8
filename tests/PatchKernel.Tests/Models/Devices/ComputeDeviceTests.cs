using PatchKernel.Models;
using TorchSharp;

namespace PatchKernel.Tests.Models.Devices;

public sealed class ComputeDeviceTests
{
    [Theory]
    [InlineData("auto", 0, "cpu")]
    [InlineData("auto", 2, "cuda:0 cuda:1")]
    [InlineData("cpu", 2, "cpu")]
    [InlineData("cuda", 2, "cuda:0")]
    [InlineData("cuda:1", 2, "cuda:1")]
    public void A_name_chooses_the_devices(string name, int gpus, string devices) =>
        Assert.Equal(devices, string.Join(' ', ComputeDevice.Choose(name, gpus)));

    [Theory]
    [InlineData("cuda", 0, "The device cuda isn't there: build with -p:Cuda=true on a machine that has an NVIDIA GPU and its driver, or give cpu.")]
    [InlineData("cuda:3", 0, "The device cuda:3 isn't there: build with -p:Cuda=true on a machine that has an NVIDIA GPU and its driver, or give cpu.")]
    [InlineData("cuda:3", 1, "The device cuda:3 isn't there: this machine has one GPU, cuda:0.")]
    [InlineData("cuda:3", 2, "The device cuda:3 isn't there: this machine has 2 GPUs, cuda:0 to cuda:1.")]
    [InlineData("cuda:", 2, "'cuda:' is no device: give auto, cpu, cuda or cuda:N.")]
    [InlineData("cuda:-1", 2, "'cuda:-1' is no device: give auto, cpu, cuda or cuda:N.")]
    [InlineData("cuda: 1", 2, "'cuda: 1' is no device: give auto, cpu, cuda or cuda:N.")]
    [InlineData("gpu", 2, "'gpu' is no device: give auto, cpu, cuda or cuda:N.")]
    [InlineData("", 0, "'' is no device: give auto, cpu, cuda or cuda:N.")]
    public void A_device_that_is_not_there_is_refused(string name, int gpus, string message) =>
        Assert.Equal(message, Assert.Throws<PatchKernelException>(() => ComputeDevice.Choose(name, gpus)).Message);

    [Fact]
    public void A_device_is_found_on_this_machine()
    {
        Assert.Equal(DeviceType.CPU, Assert.Single(ComputeDevice.Parse("cpu")).type);
        using var tensor = torch.ones(2, device: ComputeDevice.Parse(null)[0]);
        Assert.Equal(2f, tensor.sum().item<float>());
    }
}
