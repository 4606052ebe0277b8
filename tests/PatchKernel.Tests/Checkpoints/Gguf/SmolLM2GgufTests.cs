using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Tests.Checkpoints;

/// <summary>A real file: SmolLM2-135M-Instruct as Q4_1 and Q8_0, beside the checkpoint that was unpacked from it into float16.</summary>
public sealed class SmolLM2GgufTests
{
    private static string GgufPath => TestData.Golden("smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf");

    [Fact]
    public void Its_config_and_name_are_the_folder_s()
    {
        using var gguf = Checkpoint.Open(GgufPath);
        using var folder = Checkpoint.Open(TestData.SmolLM2());
        Assert.Equal(folder.Config with { Layout = gguf.Config.Layout }, gguf.Config);
        Assert.Empty(gguf.Warnings);
        Assert.Equal(("SmolLM2-135M-Instruct.Q4_1", true, ScalarType.Float32), (gguf.Name, gguf.HasTokenizer, gguf.StoredDtype));
    }

    [Fact]
    public void Every_tensor_is_the_unpacked_one_s_to_half_an_ulp_of_float16()
    {
        using var gguf = Checkpoint.Open(GgufPath);
        using var folder = Checkpoint.Open(TestData.SmolLM2());
        foreach (var (unpacked, weight) in WeightLayout.All(folder.Config).Zip(WeightLayout.All(gguf.Config)))
        {
            using var scope = NewDisposeScope();
            // The unpacked weights are these rounded to float16, once.
            using var expected = folder.ReadParts(unpacked, ScalarType.Float16).Single().Value;
            using var exact = gguf.ReadParts(weight, ScalarType.Float32).Single().Value;
            using var rounded = gguf.ReadParts(weight, ScalarType.Float16).Single().Value;
            Assert.True(Same(exact.to(ScalarType.Float16), expected), weight.Key);
            Assert.True(Same(rounded, expected), weight.Key);
        }
    }

    [Fact]
    public void Some_rows_of_a_matrix_are_those_of_the_whole()
    {
        using var gguf = Checkpoint.Open(GgufPath);
        foreach (var (weight, from, count) in new[]
        {
            (WeightLayout.Embedding(gguf.Config), 49_000L, 152L), (gguf.Config.Stored(3, Slot.Query), 63L, 3L),
            (gguf.Config.Stored(29, Slot.Key), 0L, 192L), (gguf.Config.Stored(0, Slot.Out), 575L, 1L),
        })
        {
            using var scope = NewDisposeScope();
            var whole = gguf.Read(weight, ScalarType.Float32, CPU);
            var before = gguf.BytesRead(weight);
            Assert.Equal(gguf.StoredBytes(weight), before);
            Assert.True(Same(gguf.ReadRows(weight, from, count, ScalarType.Float32, CPU), whole.narrow(0, from, count)), weight.Key);
            Assert.InRange(gguf.BytesRead(weight) - before, 1, before);
        }
    }

    [Fact]
    public void Its_tokenizer_gives_the_reference_s_ids()
    {
        using var gguf = Checkpoint.Open(GgufPath);
        TokenizerTests.AgreesWith(TokenizerData.SmolLm2Texts(), gguf.Tokenizer);
        Assert.Equal((TokenizerData.SmolLm2.BosId, TokenizerData.SmolLm2.VocabularySize), (gguf.Tokenizer.BosId, gguf.Tokenizer.VocabularySize));
    }

    private static bool Same(Tensor one, Tensor other) => one.shape.SequenceEqual(other.shape) && one.eq(other).all().item<bool>();
}
