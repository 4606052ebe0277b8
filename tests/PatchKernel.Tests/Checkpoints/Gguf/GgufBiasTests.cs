namespace PatchKernel.Tests.Checkpoints;

/// <summary>GGUF files with some biases: each that is there is added, as llama.cpp adds it.</summary>
public sealed class GgufBiasTests : IDisposable
{
    private static readonly (string Name, ulong Size)[] Biases =
        [("attn_q", 32), ("attn_k", 16), ("attn_v", 16), ("attn_output", 32), ("ffn_gate", 256), ("ffn_up", 256), ("ffn_down", 32)];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private float[] Logits(Func<string, bool> there, Func<string, bool> zeros, Residency residency = Residency.All)
    {
        // Small queries and keys: scores of hundreds would leave one position each, whatever is added to them.
        var gguf = GgufBuilder.Llama().Change("blk.0.attn_norm.weight", tensor => tensor with { Data = [.. Enumerable.Repeat(BitConverter.GetBytes(0.001f), 32).SelectMany(b => b)] });
        foreach (var (name, size) in Biases.Where(bias => there(bias.Name) || zeros(bias.Name)))
        {
            gguf.Add($"blk.0.{name}.bias", "F32", size);
            var values = Enumerable.Range(0, (int)size).SelectMany(i => BitConverter.GetBytes(zeros(name) ? 0 : 0.01f * (i + 1))).ToArray();
            gguf.Change($"blk.0.{name}.bias", tensor => tensor with { Data = values });
        }
        File.WriteAllBytes(folder.File("some.gguf"), gguf.Build());
        using var model = LanguageModel.Load(folder.File("some.gguf"), device: "cpu", residency: residency);
        Assert.Empty(model.Warnings);
        return model.NextTokenLogits([1, 2, 3]);
    }

    public static TheoryData<string> Some { get; } = [.. Biases.Select(bias => bias.Name), "attn_q attn_k attn_v", "attn_v ffn_up"];

    [Theory, MemberData(nameof(Some))]
    public void Those_that_are_not_there_count_as_zeros(string there)
    {
        var names = there.Split(' ');
        var expected = Logits(names.Contains, name => !names.Contains(name));
        Assert.Equal(expected, Logits(names.Contains, _ => false));
        Assert.Equal(expected, Logits(names.Contains, _ => false, Residency.Streamed));
        Assert.NotEqual(Logits(_ => false, _ => false), expected);
    }

    [Theory]
    [InlineData("gpt2", "attn_qkv")]
    [InlineData("gpt2", "ffn_down")]
    [InlineData("gptneox", "attn_output")]
    [InlineData("gptneox", "ffn_up")]
    [InlineData("qwen2", "attn_k")]
    public void Those_that_a_family_always_has_are_missing_where_they_are_not_there(string architecture, string name)
    {
        foreach (var layers in (int[])[1, 2]) // gone from one of both, or from both
        {
            var gguf = FamilyGguf.Of(architecture);
            Assert.Equal(layers, gguf.Tensors.RemoveAll(tensor => tensor.Name == $"blk.0.{name}.bias" || (layers == 2 && tensor.Name == $"blk.1.{name}.bias")));
            File.WriteAllBytes(folder.File("some.gguf"), gguf.Build());
            var message = Assert.Throws<PatchKernelException>(() => Checkpoint.Open(folder.File("some.gguf"))).Message;
            Assert.Contains($"{layers} missing: blk.0.{name}.bias", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Queries_keys_and_values_alone_have_the_answer_that_numpy_computes()
    {
        var path = TestData.InRepository("tests", "PatchKernel.Tests", "Data", "cases", "qkv-biases.gguf");
        Assert.Matches(@"\n +1 +109 +""k"" +0\.0202 +1\.860\n", CliRun.Of("predict", "--model", path, "--ids", "5,9,3", "--top", "1").Success());
    }
}
