using System.Runtime.InteropServices;
using PatchKernel.Gguf;
using TorchSharp;

namespace PatchKernel.Tests.Checkpoints;

/// <summary>Every type of block, against the reference reader's values.</summary>
public sealed class GgufTypeTests
{
    public static TheoryData<string> Quantised { get; } = [.. GgufType.All.Where(type => type.Decode is not null).Select(type => type.Name)];

    [Theory, MemberData(nameof(Quantised))]
    public void Blocks_expand_to_the_reference_s_values(string name)
    {
        var (blocks, expected) = (File.ReadAllBytes(BlocksFile($"{name}.bin")), File.ReadAllBytes(BlocksFile($"{name}.f32")));
        var type = GgufType.All.Single(type => type.Name == name);
        Assert.Equal(expected.Length / sizeof(float), blocks.Length / type.BlockBytes * type.BlockElements);
        var entries = new byte[expected.Length];
        type.Expand(blocks, entries);
        Assert.Equal(MemoryMarshal.Cast<byte, float>(expected).ToArray(), MemoryMarshal.Cast<byte, float>(entries).ToArray());
    }

    [Fact]
    public void Every_type_that_can_be_read_has_its_reference_blocks_or_is_stored_as_it_is() => Assert.Equal(
        Directory.GetFiles(BlocksFile(""), "*.bin").Select(Path.GetFileNameWithoutExtension).Order(),
        GgufType.All.Where(type => type.Expanded == torch.ScalarType.Float32 && type.BlockElements > 1).Select(type => type.Name).Order());

    private static string BlocksFile(string name) => TestData.InRepository("tests", "PatchKernel.Tests", "Data", "gguf", "blocks", name);
}
