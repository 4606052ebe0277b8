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
    [InlineData(0, "is empty")]
    [InlineData(3, "doesn't begin with the letters GGUF")]
    [InlineData(7, "ends within its header")]
    [InlineData(12, "ends within its header")]
    [InlineData(20, "are left")]
    [InlineData(100, "are left")]
    [InlineData(2000, "are left")]
    public void A_header_that_is_cut_off_is_refused(int bytes, string said) => Refused(GgufBuilder.Llama().Build()[..bytes], said);

    [Fact]
    public void Bytes_after_the_last_tensor_and_holes_are_refused()
    {
        Refused([.. GgufBuilder.Llama().Build(), 0], "has 1 byte after its last tensor");
        Refused([.. GgufBuilder.Llama().Build(), .. GgufBuilder.Llama().Build()], "bytes after its last tensor");
        Refused(gguf =>
        {
            var last = gguf.Tensors.Count - 1;
            var offset = gguf.Tensors.Take(last).Sum(tensor => (tensor.Data.Length + 31) / 32 * 32);
            gguf.Tensors[last] = gguf.Tensors[last] with { Offset = (ulong)offset + 64, Data = [.. new byte[64], .. gguf.Tensors[last].Data] };
        }, "'blk.0.ffn_down.weight' leaves a hole of 64 bytes in front of it");
    }

    [Theory, InlineData(0), InlineData(1), InlineData(31)]
    public void The_last_tensor_may_be_filled_up_to_the_alignment_or_not(int filled)
    {
        var gguf = GgufBuilder.Llama().Add("output.weight", "Q8_0", 32, GgufBuilder.Vocabulary); // 8806 bytes: 26 short of the alignment
        var unfilled = gguf.Build()[..^26];
        using var checkpoint = Checkpoint.Open(Write([.. unfilled, .. new byte[Math.Min(filled, 26)]]));
        Assert.False(checkpoint.Config.TiedEmbeddings);
    }

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
        Refused(gguf => gguf.Set("general.architecture", "mamba").Change("output_norm.weight", tensor => tensor with { Type = 23 }), "general.architecture", "are supported");

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
}
