using System.Text;
using CsCheck;
using static TorchSharp.torch;

namespace PatchKernel.Tests.Checkpoints;

/// <summary>Headers that somebody else wrote: what is refused before it is believed.</summary>
public sealed class GgufHeaderTests : IDisposable
{
    private const int FixedBytes = 24; // letters, version and two counts

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private string Write(byte[] bytes)
    {
        var path = folder.File("some.gguf");
        File.Delete(path); // truncating a file makes some file systems wait for the disk
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private void Refused(byte[] bytes, params string[] said)
    {
        var path = Write(bytes);
        var message = Assert.Throws<PatchKernelException>(() => Checkpoint.Open(path)).Message;
        Assert.All([.. said, path], part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', message);
    }

    private void Refused(Action<GgufBuilder> spoil, params string[] said)
    {
        var gguf = GgufBuilder.Llama();
        spoil(gguf);
        Refused(gguf.Build(), said);
    }

    [Theory]
    [InlineData(0, "doesn't begin with the letters GGUF")]
    [InlineData(7, "doesn't begin with the letters GGUF")]
    [InlineData(12, "ends within its header")]
    [InlineData(20, "are left")]
    [InlineData(100, "are left")]
    [InlineData(2000, "are left")]
    public void A_header_that_is_cut_off_is_refused(int bytes, string said) => Refused(GgufBuilder.Llama().Build()[..bytes], said);

    [Fact]
    public void Data_that_are_cut_off_are_refused() =>
        Refused(GgufBuilder.Llama().Build()[..^40], "'blk.0.ffn_down.weight' needs 6720 bytes from byte", "the file is cut off");

    [Theory]
    [InlineData(1u, "version 1; only 2 and 3 are supported")]
    [InlineData(4u, "version 4; only 2 and 3 are supported")]
    [InlineData(0x03000000u, "big-endian")]
    public void Other_versions_are_refused(uint version, string said) => Refused(gguf => gguf.Version = version, said);

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 62)]
    [InlineData(1_000_000UL)]
    public void Counts_that_the_file_has_no_room_for_are_refused(ulong count)
    {
        Refused(gguf => gguf.TensorCount = count, $"announces {count} tensors where");
        Refused(gguf => gguf.KeyCount = count, $"announces {count} keys where");
    }

    [Fact]
    public void Keys_and_tensors_that_are_there_twice_are_refused()
    {
        Refused(gguf => gguf.Keys.Add(gguf.Keys[2]), "has the key llama.block_count twice");
        Refused(gguf => gguf.Tensors.Add(gguf.Tensors[2]), "'output_norm.weight' is there twice");
    }

    [Theory]
    [InlineData(1UL, "which is no multiple of the alignment, 32")]
    [InlineData(32UL, "overlaps the tensor 'token_embd.weight'")]
    [InlineData(0UL, "overlaps the tensor")]
    [InlineData(1UL << 40, "and there are only")]
    [InlineData(long.MaxValue - 31UL, "and there are only")]
    [InlineData(ulong.MaxValue - 31, "begins at byte 18446744073709551584")]
    public void Tensors_that_lie_wrong_are_refused(ulong offset, string said) =>
        Refused(gguf => gguf.Change("output_norm.weight", tensor => tensor with { Offset = offset }), "'output_norm.weight'", said);

    [Theory]
    [InlineData(new[] { 0UL }, "has axes of 0, whose product can't be")]
    [InlineData(new[] { 1UL << 62, 1UL << 62 }, "whose product can't be")]
    [InlineData(new[] { ulong.MaxValue, 2UL, 1UL << 40, ulong.MaxValue }, "whose product can't be")]
    [InlineData(new ulong[0], "has 0 axes, not 1 to 4")]
    [InlineData(new[] { 32UL, 1UL, 1UL, 1UL, 1UL }, "has 5 axes, not 1 to 4")]
    [InlineData(new[] { 1UL << 50 }, "and there are only")]
    public void Shapes_that_can_t_be_are_refused(ulong[] axes, string said) =>
        Refused(gguf => gguf.Change("output_norm.weight", tensor => tensor with { Axes = axes }), "'output_norm.weight'", said);

    [Theory]
    [InlineData(23u, "is stored as IQ4_XS; only F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K are supported")]
    [InlineData(999u, "is stored as type 999; only F32")]
    [InlineData(12u, "has rows of 32 entries, and Q4_K stores them by 256")]
    public void Types_that_are_not_read_are_refused_by_their_name(uint type, string said) =>
        Refused(gguf => gguf.Change("output_norm.weight", tensor => tensor with { Type = type }), "'output_norm.weight'", said);

    [Fact]
    public void Another_architecture_is_told_before_its_types_are_looked_at() =>
        Refused(gguf => gguf.Set("general.architecture", "qwen2").Change("output_norm.weight", tensor => tensor with { Type = 23 }), "only llama is supported");

    [Fact]
    public void Arrays_inside_arrays_are_passed_over_up_to_a_depth()
    {
        Checkpoint.Open(Write(GgufBuilder.Llama().Set("x", (int[][][])[[[1], []], []]).Build())).Dispose();
        Refused(gguf => gguf.Set("x", (int[][][][][])[[[[[1]]]]]), "more than 4 deep");
    }

    [Fact]
    public void Names_that_are_no_UTF_8_or_longer_than_anybody_s_are_refused()
    {
        var bytes = GgufBuilder.Llama().Build();
        bytes[FixedBytes + 8] = 0xFF; // the first key's first letter
        Refused(bytes, "a key that isn't UTF-8");
        Refused(gguf => gguf.Set(new string('k', 65_536), 1u), "65536 bytes of a key, and 65535 are the most");
        Refused(gguf => gguf.Change("output_norm.weight", tensor => tensor with { Name = new string('n', 256) }), "256 bytes of a tensor's name");
    }

    private static Gen<T> Choose<T>(params T[] choices) => Gen.Int[0, choices.Length - 1].Select(i => choices[i]);

    private static readonly Gen<ulong> Telling = Choose<ulong>(
        0, 1, 2, 3, 4, 8, 9, 12, 13, 31, 32, 33, 255, 256, 65_536, int.MaxValue, uint.MaxValue, 1UL << 32, 1UL << 40,
        long.MaxValue, 1UL << 63, ulong.MaxValue - 31, ulong.MaxValue);

    private static readonly Gen<object> Value = Choose<object>(
        0u, 1u, 2u, 8u, 32u, uint.MaxValue, -1, (byte)1, (sbyte)-1, (ushort)8, (short)-8, ulong.MaxValue, long.MinValue,
        1.5f, float.NaN, float.PositiveInfinity, 0.0, double.MaxValue, true, false,
        "", "llama", "gpt2", "default", "linear", "none", "yarn", new string('x', 100_000), "a\nb\u2028c",
        Array.Empty<string>(), (string[])["a", "b", "a b"], new int[GgufBuilder.Vocabulary], (int[])[1, 2], (string[][])[["a"], []], (float[])[1, 2], (bool[])[true]);

    private static readonly Gen<string> Name = Choose([.. GgufBuilder.Llama().Tensors.Select(tensor => tensor.Name),
        "output.weight", "blk.1.attn_q.weight", "blk.00.attn_q.weight", "blk.0.attn_q.bias", "model.norm.weight", "blk.99999999999.attn_q.weight", "blk..weight", "", "x\ny"]);

    private static readonly Gen<string> Key = Choose([.. GgufBuilder.Llama().Keys.Select(entry => entry.Key),
        "llama.flux", "general.alignment", "llama.rope.scaling.factor", "llama.vocab_size", "tokenizer.ggml.eos_token_id"]);

    private static readonly Gen<int> Which = Gen.Int[0, GgufBuilder.Llama().Tensors.Count - 1];

    /// <summary>Changes of what the header says.</summary>
    private static readonly Gen<Action<GgufBuilder>> Change = Gen.OneOf(
        Gen.Select(Key, Value, Action<GgufBuilder> (key, value) => gguf => gguf.Set(key, value)),
        Gen.Select(Key, Value, Action<GgufBuilder> (key, value) => gguf => gguf.Keys.Add((key, value))),
        Key.Select(Action<GgufBuilder> (key) => gguf => gguf.Without(key)),
        Gen.Select(Which, Name, Action<GgufBuilder> (which, name) => gguf => gguf.Tensors[which] = gguf.Tensors[which] with { Name = name }),
        Gen.Select(Which, Gen.UInt[0, 40], Action<GgufBuilder> (which, type) => gguf => gguf.Tensors[which] = gguf.Tensors[which] with { Type = type }),
        Gen.Select(Which, Telling, Action<GgufBuilder> (which, offset) => gguf => gguf.Tensors[which] = gguf.Tensors[which] with { Offset = offset }),
        Gen.Select(Which, Telling.Array[0, 5], Action<GgufBuilder> (which, axes) => gguf => gguf.Tensors[which] = gguf.Tensors[which] with { Axes = axes }),
        Telling.Select(Action<GgufBuilder> (count) => gguf => gguf.TensorCount = count),
        Telling.Select(Action<GgufBuilder> (count) => gguf => gguf.KeyCount = count));

    /// <summary>Changes of the header's bytes, whatever they mean; files cut or lengthened.</summary>
    private static readonly Gen<Func<byte[], byte[]>> Damage = Gen.OneOf(
        Gen.Select(Gen.Double[0, 1], Gen.Byte, Func<byte[], byte[]> (place, value) => file => Replace(file, place, [value], 1)),
        Gen.Select(Gen.Double[0, 1], Telling, Func<byte[], byte[]> (place, value) => file => Replace(file, place, BitConverter.GetBytes(value), 8)),
        Gen.Select(Gen.Double[0, 1], Telling, Func<byte[], byte[]> (place, value) => file => Replace(file, place, BitConverter.GetBytes((uint)value), 4)),
        Gen.Select(Gen.Double[0, 1], Gen.Byte.Array[0, 9], Gen.Int[0, 40], Func<byte[], byte[]> (place, by, replaced) => file => Replace(file, place, by, replaced)),
        Gen.Double[0, 1].Select(Func<byte[], byte[]> (place) => file => file[..(int)(place * file.Length)]),
        Gen.Int[1, 100].Select(Func<byte[], byte[]> (more) => file => [.. file, .. new byte[more]]));

    private static int At(byte[] file, double place) => (int)(place * place * file.Length * 0.4); // the beginning more often

    private static byte[] Replace(byte[] file, double place, byte[] by, int replaced) =>
        [.. file[..At(file, place)], .. by, .. file[Math.Min(At(file, place) + replaced, file.Length)..]];

    [Fact]
    public void A_file_with_any_header_gives_its_own_values_or_one_sentence()
    {
        var (opened, refused) = (0, 0);
        Gen.Select(Change.Array[0, 3], Damage.Array[0, 2]).Sample((changes, damages) =>
        {
            var gguf = GgufBuilder.Llama();
            foreach (var change in changes) change(gguf);
            var bytes = damages.Aggregate(gguf.Build(), (file, damage) => damage(file));
            var path = Write(bytes);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var message = Refusal(path, bytes);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (64 << 20) + (2 * bytes.Length));
            if (message is null) opened++;
            else refused++;
            return message is null || (!message.Contains('\n', StringComparison.Ordinal) && message.Contains("some.gguf", StringComparison.Ordinal));
        }, iter: 3000, threads: 1);
        Assert.True(opened > 300 && refused > 1000, $"{opened} opened, {refused} refused"); // or the changes test nothing
    }

    /// <summary>Null where the file opens, its tokenizer is read, and every float32 tensor has the bytes of its place.</summary>
    private static string? Refusal(string path, byte[] bytes)
    {
        try
        {
            using var checkpoint = Checkpoint.Open(path);
            var places = FloatPlaces(bytes);
            foreach (var weight in WeightLayout.All(checkpoint.Config))
            {
                using var tensor = checkpoint.Read(weight, ScalarType.Float32, CPU);
                Assert.Equal(weight.Shape, tensor.shape);
                if (weight.Shape.Length == 1 && places.TryGetValue(GgufNames.FromKey(weight.Key), out var at))
                    Assert.Equal(bytes.AsSpan(at, (int)weight.Shape[0] * 4).ToArray(), tensor.bytes.ToArray());
            }
            if (checkpoint.HasTokenizer) Assert.NotEmpty(checkpoint.Tokenizer.Encode("ab"));
            return null;
        }
        catch (PatchKernelException e)
        {
            return e.Message;
        }
    }

    /// <summary>Where float32 tensors lie, read with code of its own from a header that is right.</summary>
    private static Dictionary<string, int> FloatPlaces(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        reader.ReadInt64();
        var (tensorCount, keyCount) = (reader.ReadInt64(), reader.ReadInt64());
        var alignment = 32L;
        for (var i = 0; i < keyCount; i++)
        {
            var (key, kind, start) = (Text(), reader.ReadInt32(), reader.BaseStream.Position);
            Skip(kind);
            if (key == "general.alignment") alignment = Whole(kind, bytes.AsSpan((int)start));
        }
        var found = new List<(string Name, long Offset)>();
        for (var i = 0; i < tensorCount; i++)
        {
            var (name, rank) = (Text(), reader.ReadInt32());
            for (var axis = 0; axis < rank; axis++) reader.ReadInt64();
            var (type, offset) = (reader.ReadInt32(), reader.ReadInt64());
            if (type == 0) found.Add((name, offset));
        }
        var data = (reader.BaseStream.Position + alignment - 1) / alignment * alignment;
        return found.ToDictionary(tensor => tensor.Name, tensor => (int)(data + tensor.Offset));

        static long Whole(int kind, ReadOnlySpan<byte> at) => kind switch { 0 or 1 => at[0], 2 or 3 => BitConverter.ToInt16(at), _ => BitConverter.ToInt32(at) };

        string Text() => Encoding.UTF8.GetString(reader.ReadBytes((int)reader.ReadInt64()));

        void Skip(int kind)
        {
            if (kind == 8) Text();
            else if (kind == 9)
            {
                var (element, count) = (reader.ReadInt32(), reader.ReadInt64());
                for (var i = 0; i < count; i++) Skip(element);
            }
            else reader.ReadBytes(kind switch { 0 or 1 or 7 => 1, 2 or 3 => 2, 4 or 5 or 6 => 4, _ => 8 });
        }
    }
}
