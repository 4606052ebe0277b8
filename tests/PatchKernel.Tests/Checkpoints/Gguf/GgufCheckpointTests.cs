using PatchKernel.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace PatchKernel.Tests.Checkpoints;

/// <summary>GGUF files as checkpoints: what their metadata means, and what is refused by its name.</summary>
public sealed class GgufCheckpointTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private Checkpoint Open(GgufBuilder gguf)
    {
        File.WriteAllBytes(folder.File("small.gguf"), gguf.Build());
        return Checkpoint.Open(folder.File("small.gguf"));
    }

    private void Refused(GgufBuilder gguf, params string[] said)
    {
        var message = Assert.Throws<PatchKernelException>(() => Open(gguf)).Message;
        Assert.All([.. said, folder.File("small.gguf")], part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Metadata_becomes_the_config()
    {
        using var checkpoint = Open(GgufBuilder.Llama());
        var config = checkpoint.Config;
        Assert.Equal((1, 4, 2, 32, 8), (config.NLayers, config.NHeads, config.NKeyValueHeads, config.DModel, config.DHead));
        Assert.Equal((256, GgufBuilder.Vocabulary, 1e-5, 64), (config.DMlp, config.DVocab, config.NormEpsilon, config.MaxPositions));
        Assert.Equal((true, Matrices.None), (config.TiedEmbeddings, config.Biases));
        Assert.Equal((4, 500000.0), (Assert.IsType<RopeConfig.Factors>(config.Rope).Divisors.Count, config.Rope.Theta));
        Assert.Equal(("small", true), (checkpoint.Name, checkpoint.HasTokenizer));
        Assert.Empty(checkpoint.Warnings);
    }

    [Theory]
    [InlineData("llama", "attention.layer_norm_epsilon")]
    [InlineData("gpt2", "attention.layer_norm_rms_epsilon")]
    public void Epsilon_is_that_of_the_family_s_norm(string architecture, string other)
    {
        var gguf = FamilyGguf.Of(architecture).Set($"{architecture}.{other}", 0.5f);
        using (var checkpoint = Open(gguf))
        {
            Assert.Equal(1e-5, checkpoint.Config.NormEpsilon);
            Assert.Contains(checkpoint.Warnings, warning => warning.Contains($"unknown key {architecture}.{other} (0.5)", StringComparison.Ordinal));
        }
        var own = gguf.Keys.Select(entry => entry.Key).Single(key => key.EndsWith("epsilon", StringComparison.Ordinal) && !key.EndsWith(other, StringComparison.Ordinal));
        Refused(gguf.Without(own), $"has no {own}");
    }

    [Theory]
    [InlineData("rope_factors_long.weight")]
    [InlineData("rope_factors_short.weight")]
    public void Factors_of_one_length_alone_are_refused(string gone)
    {
        var gguf = FamilyGguf.Of("phi3");
        gguf.Tensors.RemoveAll(tensor => tensor.Name == gone);
        Refused(gguf, "but it must have rope_factors_long.weight with rope_factors_short.weight, or rope_freqs.weight alone");
    }

    [Fact]
    public void A_window_is_not_guessed() =>
        Refused(FamilyGguf.Of("gemma3").Without("gemma3.attention.sliding_window"), "has no gemma3.attention.sliding_window, which a model needs");

    [Fact]
    public void Factors_and_divisors_are_refused() =>
        Refused(FamilyGguf.Of("phi3").Add("rope_freqs.weight", "F32", 4), "has rope_factors_long.weight and rope_factors_short.weight and rope_freqs.weight, but");

    [Fact]
    public void A_file_of_version_2_and_one_with_another_extension_s_case_open()
    {
        var old = GgufBuilder.Llama();
        old.Version = 2;
        File.WriteAllBytes(folder.File("OLD.GGUF"), old.Build());
        using var checkpoint = Checkpoint.Open(folder.File("OLD.GGUF"));
        Assert.Equal("OLD", checkpoint.Name);
    }

    [Fact]
    public void A_file_that_is_not_there_is_one_sentence() => Assert.Contains(
        "gone.gguf' can't be read", Assert.Throws<PatchKernelException>(() => Checkpoint.Open(folder.File("gone.gguf"))).Message, StringComparison.Ordinal);

    [Fact]
    public void Every_weight_has_its_shape_and_belongs_to_the_caller_s_scope()
    {
        using var checkpoint = Open(GgufBuilder.Llama());
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        foreach (var weight in WeightLayout.All(checkpoint.Config))
        {
            Tensor kept;
            using (NewDisposeScope())
            {
                kept = checkpoint.Read(weight, ScalarType.BFloat16, CPU);
                Assert.Equal(weight.Shape, kept.shape);
                Assert.Equal(1, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount - before);
            }
            Assert.True(kept.IsInvalid);
            Assert.Equal(checkpoint.StoredBytes(weight), checkpoint.BytesRead(weight));
        }
    }

    [Theory]
    [InlineData("llama3.2-tied-gqa-rope3")]
    [InlineData("sharded-bf16")]
    [InlineData("float16")]
    [InlineData("linear-rope")]
    [InlineData("llama2-mha-untied")]
    public void Weights_of_a_tiny_checkpoint_are_those_of_its_folder(string name)
    {
        using var gguf = Checkpoint.Open(TinyCase.Gguf(name));
        using var original = Checkpoint.Open(TinyCase.Folder(name));
        foreach (var (expected, stored) in WeightLayout.All(original.Config).Zip(WeightLayout.All(gguf.Config)))
        {
            using var scope = NewDisposeScope();
            foreach (var (one, other) in original.ReadParts(expected, ScalarType.Float32).Zip(gguf.ReadParts(stored, ScalarType.Float32)))
            {
                using var value = one.Value;
                using var same = other.Value;
                Assert.True(one.Slot == other.Slot && value.eq(same).all().item<bool>(), stored.Key);
            }
            if (expected.Holds is [Slot.Embedding])
                Assert.True(original.ReadRows(expected, 5, 9, ScalarType.Float32, CPU).eq(gguf.ReadRows(stored, 5, 9, ScalarType.Float32, CPU)).all().item<bool>(), stored.Key);
        }
        if (gguf.Config.Rope is not RopeConfig.Factors) Assert.Equal(original.Config with { Layout = gguf.Config.Layout }, gguf.Config);
    }

    [Fact]
    public void Biases_of_queries_and_keys_come_in_the_order_of_their_rows()
    {
        var gguf = GgufBuilder.Llama();
        foreach (var (name, size) in new[] { ("attn_q", 32UL), ("attn_k", 16UL), ("attn_v", 16UL), ("attn_output", 32UL) })
            gguf.Add($"blk.0.{name}.bias", "F32", size);
        using var checkpoint = Open(gguf);
        Assert.Equal(Matrices.Attention, checkpoint.Config.Biases);
        using var scope = NewDisposeScope();
        var spec = WeightLayout.Layer(checkpoint.Config, 0).Single(weight => weight is { IsBias: true, Holds: [Slot.Key] });
        using var value = checkpoint.ReadParts(spec, ScalarType.Float32).Single().Value;
        var bias = value.data<float>().ToArray();
        var stored = gguf.Tensors.Single(tensor => tensor.Name == "blk.0.attn_k.bias").Data.Chunk(4).Select(bytes => BitConverter.ToSingle(bytes)).ToArray();
        Assert.Equal([.. ((int[])[0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15]).Select(i => stored[i])], bias);
    }

    [Fact]
    public void A_streamed_model_computes_what_a_resident_one_does()
    {
        Open(GgufBuilder.Llama()).Dispose();
        using var resident = LanguageModel.Load(folder.File("small.gguf"), device: "cpu", residency: Residency.All);
        using var streamed = LanguageModel.Load(folder.File("small.gguf"), device: "cpu", residency: Residency.Streamed);
        int[] ids = [.. resident.Tokenizer!.Encode("abc ab")];
        Assert.Equal([258, 257, 32, 256], ids);
        Assert.Equal(resident.NextTokenLogits(ids), streamed.NextTokenLogits(ids));
        Assert.All(resident.NextTokenLogits(ids), logit => Assert.True(float.IsFinite(logit)));
    }

    [Theory]
    [InlineData("linear", 4f, 4.0)]
    [InlineData(null, 4f, 4.0)]
    [InlineData("none", 4f, null)]
    [InlineData("linear", 0f, null)]
    [InlineData(null, null, null)]
    public void Rope_is_scaled_as_llama_cpp_scales_it(string? type, float? factor, double? expected)
    {
        var gguf = GgufBuilder.Llama();
        gguf.Tensors.RemoveAll(tensor => tensor.Name == "rope_freqs.weight");
        if (type is not null) gguf.Set("llama.rope.scaling.type", type);
        if (factor is not null) gguf.Set("llama.rope.scaling.factor", factor);
        using var checkpoint = Open(gguf);
        Assert.Equal(expected is { } value ? new RopeConfig.Linear(500000, value) : new RopeConfig.Plain(500000), checkpoint.Config.Rope);
    }

    public static TheoryData<string, object, string> Unsupported { get; } = new()
    {
        { "general.architecture", "mamba", "general.architecture is \"mamba\", but only gemma2, " },
        { "general.type", "adapter", "general.type is \"adapter\", but only model is supported: merge the adapter into its base model first" },
        { "general.type", "mmproj", "general.type is \"mmproj\", but only \"model\" is supported" },
        { "llama.expert_count", 8u, "llama.expert_count is 8, but only 0 is supported" },
        { "llama.rope.scaling.type", "ntk", "llama.rope.scaling.type is \"ntk\", but only none, linear and yarn are supported" },
        { "llama.rope.dimension_count", 4u, "llama.rope.dimension_count is 4, but only the width of a head, 8, is supported" },
        { "llama.rope.dimension_count", 7u, "llama.rope.dimension_count is 7, but it must be an even number from 2 to the width of a head, 8" },
        { "llama.attention.value_length", 16u, "llama.attention.value_length is 16, but only the width of a head, 8, is supported" },
        { "llama.attention.sliding_window", 4096u, "llama.attention.sliding_window is 4096" },
        { "llama.attention.causal", false, "llama.attention.causal is false" },
        { "llama.logit_scale", 0.25f, "llama.logit_scale is 0.25, but only 0 or 1 is supported" },
        { "llama.final_logit_softcapping", 30f, "llama.final_logit_softcapping is 30" },
        { "llama.attention.head_count", new uint[] { 4, 4 }, "llama.attention.head_count is an array of 2" },
        { "llama.attention.head_count_kv", 3u, "llama.attention.head_count_kv is 3, but it must divide llama.attention.head_count, 4" },
        { "llama.attention.key_length", 7u, "llama.attention.key_length is 7, but a head, 7 wide, must have an even width" },
        { "llama.block_count", -1, "llama.block_count is -1, but it must be a whole number from 1 to 4096" },
        { "llama.block_count", 1.5f, "llama.block_count is 1.5" },
        { "llama.rope.freq_base", float.NaN, "llama.rope.freq_base is NaN, but it must be a number from 1" },
        { "llama.feed_forward_length", "many", "llama.feed_forward_length is \"many\"" },
        { "general.alignment", 48u, "general.alignment is 48, but it must be a power of two" },
    };

    [Theory, MemberData(nameof(Unsupported))]
    public void What_would_change_the_computation_is_refused_by_its_key(string key, object value, string said) =>
        Refused(GgufBuilder.Llama().Set(key, value), said);

    [Theory]
    [InlineData("general.architecture")]
    [InlineData("llama.block_count")]
    [InlineData("llama.attention.layer_norm_rms_epsilon")]
    public void A_key_that_has_to_be_there_is_named(string key) => Refused(GgufBuilder.Llama().Without(key), $"has no {key}");

    [Fact]
    public void An_unknown_key_of_the_architecture_gives_a_warning_and_other_keys_none()
    {
        using var checkpoint = Open(GgufBuilder.Llama().Set("llama.flux", 7u).Set("quantize.imatrix.file", "x").Set("general.languages", (string[])["en"]));
        Assert.Contains("unknown key llama.flux (7)", Assert.Single(checkpoint.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_that_don_t_fit_are_listed_together_under_the_file_s_names()
    {
        var gguf = GgufBuilder.Llama().Change("blk.0.ffn_up.weight", tensor => tensor with { Name = "blk.0.ffn_up_exps.weight" })
            .Change("blk.0.attn_norm.weight", tensor => tensor with { Name = "model.layers.0.input_layernorm.weight" })
            .Set("llama.feed_forward_length", 128u);
        Refused(gguf,
            "2 missing: blk.0.attn_norm.weight [32], blk.0.ffn_up.weight [128, 32];",
            "2 unexpected: model.layers.0.input_layernorm.weight [32] in small.gguf, blk.0.ffn_up_exps.weight [256, 32] in small.gguf;",
            "blk.0.ffn_gate.weight is [256, 32] in small.gguf and [128, 32] by the config", "aren't those of its metadata");
    }

    [Fact]
    public void Rope_factors_of_another_length_or_below_0_are_refused()
    {
        Refused(
            GgufBuilder.Llama().Change("rope_freqs.weight", tensor => tensor with { Axes = [2] }), "rope_freqs.weight is [2], but it must be [4]");
        Refused(
            GgufBuilder.Llama().Change("rope_freqs.weight", tensor => tensor with { Data = new byte[16] }),
            "rope_freqs.weight has entries that aren't numbers above 0.000001");
    }

    [Fact]
    public void A_file_that_is_cut_off_after_it_was_opened_is_one_sentence()
    {
        using var checkpoint = Open(GgufBuilder.Llama());
        using (var file = new FileStream(folder.File("small.gguf"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) file.SetLength(file.Length / 2);
        var last = checkpoint.Config.Stored(0, Slot.Out);
        var error = Assert.Throws<PatchKernelException>(() => checkpoint.Read(last, ScalarType.Float32, CPU));
        Assert.Contains("has become shorter", error.Message, StringComparison.Ordinal);
    }
}
