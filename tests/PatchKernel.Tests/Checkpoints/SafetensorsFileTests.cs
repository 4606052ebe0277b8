using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using CsCheck;
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
    [InlineData(0)]
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
            one.fill_(0);
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

    private static Gen<string> Choose(params string[] choices) => Gen.Int[0, choices.Length - 1].Select(i => choices[i]);

    /// <summary>Bytes of the header or the data overwritten, numbers replaced by telling ones, blanks put in, files cut or lengthened.</summary>
    private static readonly Gen<Func<byte[], byte[]>> Mutation = Gen.OneOf(
        Gen.Select(Gen.Double[0, 1], Gen.Byte, Func<byte[], byte[]> (place, value) => file => Change(file, place, [value], replaced: 1)),
        Gen.Select(Gen.Double[0, 1], Choose("\"", "{", "]", ",", "0", "9", "-", ":", "\\u0061", "\\ud800", "null", "[[[["), Gen.Int[0, 4],
            Func<byte[], byte[]> (place, text, replaced) => file => Change(file, place, Encoding.UTF8.GetBytes(text), replaced)),
        Gen.Select(Gen.Int[0, 30], Choose("0", "1", "3", "4", "8", "12", "-1", "1e3", "4294967296", "9223372036854775807", "18446744073709551616", "\"a\""),
            Func<byte[], byte[]> (which, number) => file => ReplaceNumber(file, which, number)),
        Gen.Select(Gen.Int[0, 7], Gen.Byte, Func<byte[], byte[]> (at, value) => file => [.. file[..at], value, .. file[(at + 1)..]]),
        Gen.Double[0, 1].Select(Func<byte[], byte[]> (place) => file => Change(file, place, " "u8.ToArray(), replaced: 0)),
        Gen.Select(Gen.Int[1, 30], Gen.Byte, Func<byte[], byte[]> (fromEnd, value) => file => [.. file[..^fromEnd], value, .. file[(file.Length - fromEnd + 1)..]]),
        Gen.Int[-30, 30].Select(Func<byte[], byte[]> (by) => file => by < 0 ? file[..^-by] : [.. file, .. new byte[by]]));

    [Fact]
    public void A_file_with_any_header_gives_its_own_values_or_one_sentence()
    {
        var whole = new SafetensorsBuilder()
            .Add("a", "F32", [2, 2], [.. Enumerable.Range(0, 16).Select(i => (byte)i)]).Add("b", "F16", [3], [1, 2, 3, 4, 5, 6])
            .Add("c", "BF16", [1, 1], [7, 8]).Add("d", "I64", [1], [1, 0, 0, 0, 0, 0, 0, 9]).Add("e", "U8", [4], [1, 2, 3, 4]).Build();
        var (opened, refused) = (0, 0);
        Mutation.Array[1, 3].Sample(mutations =>
        {
            var bytes = mutations.Aggregate(whole, (file, mutate) => file.Length < 40 ? file : mutate(file));
            if (Refusal(Write(bytes), bytes) is not { } message)
            {
                opened++;
                return true;
            }
            refused++;
            return !message.Contains('\n', StringComparison.Ordinal) && message.Contains("some.safetensors", StringComparison.Ordinal);
        }, iter: 2000, threads: 1);
        Assert.True(opened > 100 && refused > 500, $"{opened} opened, {refused} refused"); // or the mutations test nothing
    }

    /// <summary>Null where the file opens and every tensor has the bytes that the header gives it.</summary>
    private static string? Refusal(string path, byte[] bytes)
    {
        try
        {
            using var file = SafetensorsFile.Open(path);
            var length = BitConverter.ToInt32(bytes);
            using var header = JsonDocument.Parse(bytes.AsMemory(8, length));
            foreach (var (name, stored) in file.Tensors)
            {
                if (stored.Dtype.Scalar is null) continue;
                var offsets = header.RootElement.GetProperty(name).GetProperty("data_offsets");
                using var tensor = file.Read(name);
                Assert.Equal(bytes[(8 + length + offsets[0].GetInt32())..(8 + length + offsets[1].GetInt32())], stored.Bytes == 0 ? [] : tensor.bytes.ToArray());
            }
            return null;
        }
        catch (PatchKernelException e)
        {
            return e.Message;
        }
    }

    private static byte[] Change(byte[] file, double place, byte[] by, int replaced)
    {
        var length = Math.Min(BitConverter.ToInt32(file), file.Length - 8);
        if (length <= 0) return file;
        var at = 8 + (int)(place * (length - 1));
        return Announce([.. file[..at], .. by, .. file[Math.Min(at + replaced, file.Length)..]], BitConverter.ToInt32(file) + by.Length - replaced);
    }

    private static byte[] ReplaceNumber(byte[] file, int which, string number)
    {
        var length = Math.Min(BitConverter.ToInt32(file), file.Length - 8);
        if (length <= 0) return file;
        var text = Encoding.Latin1.GetString(file, 8, length);
        var matches = System.Text.RegularExpressions.Regex.Matches(text, @"(?<=[\[,])\d+");
        if (matches.Count == 0) return file;
        var match = matches[which % matches.Count];
        var changed = Encoding.Latin1.GetBytes(text[..match.Index] + number + text[(match.Index + match.Length)..]);
        return Announce([.. file[..8], .. changed, .. file[(8 + length)..]], changed.Length);
    }

    private static byte[] Announce(byte[] file, int length)
    {
        BitConverter.TryWriteBytes(file, (long)length);
        return file;
    }
}
