using System.Runtime.InteropServices;
using PatchKernel.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace PatchKernel.Tests.Checkpoints;

/// <summary>Files as they lie on the disk: what is read, and what is refused before it is believed.</summary>
public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private string Write(byte[] bytes)
    {
        var path = folder.File("some.safetensors");
        File.Delete(path); // truncating a file makes some file systems wait for the disk
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private void Refused(byte[] bytes, params string[] said)
    {
        var path = Write(bytes);
        var message = Assert.Throws<PatchKernelException>(() => SafetensorsFile.Open(path)).Message;
        Assert.All([.. said, path], part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void Files_shorter_than_the_length_of_a_header_are_refused(int bytes) => Refused(new byte[bytes], $"{bytes} bytes", "too few");

    [Theory]
    [InlineData(1UL << 60)]
    [InlineData(ulong.MaxValue)]
    [InlineData(100_000_001UL)]
    public void Headers_longer_than_anybody_writes_are_refused(ulong announced) =>
        Refused(SafetensorsBuilder.Raw("{}", [], announced), announced.ToString(System.Globalization.CultureInfo.InvariantCulture), "damaged");

    [Fact]
    public void Headers_longer_than_the_file_are_refused() => Refused(SafetensorsBuilder.Raw("{}", [], 1000), "1000 bytes", "10 altogether", "cut off");

    [Fact]
    public void A_cut_off_file_is_refused()
    {
        var whole = new SafetensorsBuilder().AddZeros("x", "F32", 4, 100).Build();
        Refused(whole[..^1], "'x'", "cut off");
    }

    [Fact]
    public void A_file_that_is_not_there_is_refused() =>
        Assert.Contains("can't be read", Assert.Throws<PatchKernelException>(() => SafetensorsFile.Open(folder.File("none"))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("F32")]
    [InlineData("F16")]
    [InlineData("BF16")]
    public void Values_are_those_of_the_file_whatever_the_dtype(string dtype)
    {
        float[] values = [0, 1, -2.5f, 1.5e-5f, -0f, float.PositiveInfinity]; // exact or nearly so in every dtype
        byte[] bytes = dtype switch
        {
            "F32" => MemoryMarshal.AsBytes<float>(values).ToArray(),
            "F16" => MemoryMarshal.AsBytes<Half>(Array.ConvertAll(values, value => (Half)value)).ToArray(),
            _ => MemoryMarshal.AsBytes<ushort>(Array.ConvertAll(values, Bits)).ToArray(),
        };
        float[] expected = dtype switch
        {
            "F32" => values,
            "F16" => Array.ConvertAll(values, value => (float)(Half)value),
            _ => Array.ConvertAll(values, value => BitConverter.UInt32BitsToSingle((uint)Bits(value) << 16)),
        };
        using var file = SafetensorsFile.Open(Write(new SafetensorsBuilder().AddZeros("first", "U8", 1, 3).Add("x", dtype, [2, 3], bytes).Build()));
        using var stored = file.Read("x");
        using var converted = file.Read("x", ScalarType.Float32);
        Assert.Equal(bytes, stored.bytes.ToArray());
        Assert.Equal([2, 3], converted.shape);
        Assert.Equal(expected, converted.data<float>().ToArray());

        static ushort Bits(float value) => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);
    }

    [Fact]
    public void Tensors_outlive_the_file_and_don_t_share_memory()
    {
        Tensor one, other;
        using (var file = SafetensorsFile.Open(Write(new SafetensorsBuilder().Add("x", "F32", [2], MemoryMarshal.AsBytes<float>([3f, 4f]).ToArray()).Build())))
            (one, other) = (file.Read("x"), file.Read("x"));
        using (one)
        using (other)
        {
            one.zero_();
            Assert.Equal([3f, 4f], other.data<float>().ToArray());
        }
    }

    [Fact]
    public void Scalars_and_empty_tensors_are_read()
    {
        using var file = SafetensorsFile.Open(Write(new SafetensorsBuilder().Add("one", "I64", [], [5, 0, 0, 0, 0, 0, 0, 0]).AddZeros("none", "F16", 2, 0, 3).Build()));
        using var one = file.Read("one");
        using var none = file.Read("none", ScalarType.Float32);
        Assert.Equal(5, one.item<long>());
        Assert.Equal([0, 3], none.shape);
    }

    [Fact]
    public void Long_tensors_are_read_piece_by_piece_to_the_end()
    {
        const int count = (1 << 24) + 5; // one piece and a bit
        var bytes = new byte[2 * count];
        MemoryMarshal.Cast<byte, Half>(bytes.AsSpan())[^1] = (Half)7;
        MemoryMarshal.Cast<byte, Half>(bytes.AsSpan())[1 << 24] = (Half)3;
        using var file = SafetensorsFile.Open(Write(new SafetensorsBuilder().Add("x", "F16", [count], bytes).Build()));
        using var x = file.Read("x", ScalarType.Float32);
        Assert.Equal((3f, 7f), (x[1 << 24].item<float>(), x[-1].item<float>()));
        Assert.Equal(10f, x.sum().item<float>());
    }

    [Fact]
    public void A_read_leaves_its_result_alone()
    {
        using var file = SafetensorsFile.Open(Write(new SafetensorsBuilder().AddZeros("x", "BF16", 2, 100).Build()));
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        using (file.Read("x", ScalarType.Float32))
            Assert.Equal(1, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount - before);
        Assert.Equal(0, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount - before);
    }

    [Fact]
    public void A_tensor_that_is_not_there_or_of_a_dtype_that_is_not_read_is_refused_by_name()
    {
        using var file = SafetensorsFile.Open(Write(new SafetensorsBuilder().AddZeros("packed", "F8_E4M3", 1, 8).Build()));
        Assert.Contains("'packed' is stored as F8_E4M3", Assert.Throws<PatchKernelException>(() => file.Read("packed")).Message, StringComparison.Ordinal);
        Assert.Contains("no tensor 'other'", Assert.Throws<PatchKernelException>(() => file.Read("other")).Message, StringComparison.Ordinal);
    }
}
