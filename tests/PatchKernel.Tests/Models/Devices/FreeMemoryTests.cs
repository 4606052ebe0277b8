using PatchKernel.Models;

namespace PatchKernel.Tests.Models.Devices;

public sealed class FreeMemoryTests
{
    [Fact]
    public void A_machine_has_memory_free_and_no_more_than_it_has() =>
        Assert.InRange(FreeMemory.OfCpu(), 1 << 20, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    [Theory]
    [InlineData("MemTotal: 10 kB\nMemAvailable:   24576 kB\nSwapFree: 0 kB\n", 24576 * 1024L)]
    [InlineData("MemTotal: 10 kB\n", null)]
    [InlineData("MemAvailable: much kB\n", null)]
    public void What_linux_says_is_read(string text, long? bytes)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("meminfo"), text);
        Assert.Equal(bytes, FreeMemory.Available(folder.File("meminfo")));
        Assert.Null(FreeMemory.Available(folder.File("absent")));
    }
}
