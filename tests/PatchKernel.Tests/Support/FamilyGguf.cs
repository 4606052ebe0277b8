using PatchKernel.Models;

namespace PatchKernel.Tests;

/// <summary>Small GGUF files of every family that has a name there, with the keys that its own files have; no tokenizer.</summary>
internal static class FamilyGguf
{
    private const int Vocabulary = 40, Layers = 2, Heads = 4, Width = 32, Hidden = 64, Positions = 64;

    private static readonly Dictionary<string, (string Key, object Value)[]> Own = new()
    {
        ["gemma2"] = [("attention.key_length", 8u), ("attention.value_length", 8u), ("attention.sliding_window", 2u), ("attn_logit_softcapping", 50f), ("final_logit_softcapping", 30f)],
        ["gemma3"] = [("attention.key_length", 8u), ("attention.sliding_window", 2u), ("rope.freq_base_swa", 10_000f), ("rope.scaling.type", "linear"), ("rope.scaling.factor", 8f)],
        ["gptneox"] = [("rope.dimension_count", 2u), ("use_parallel_residual", true)],
        ["phi3"] = [("rope.dimension_count", 8u), ("attention.sliding_window", 2u), ("rope.scaling.attn_factor", 1.2f), ("rope.scaling.original_context_length", 2u)],
        ["qwen3"] = [("attention.key_length", 8u), ("attention.value_length", 8u)],
    };

    /// <summary>Every architecture's name.</summary>
    public static TheoryData<string> Architectures { get; } = [.. FamilyTable.Architectures];

    /// <summary>A right file.</summary>
    public static GgufBuilder Of(string architecture)
    {
        var config = Config(FamilyTable.ByArchitecture(architecture)!);
        var gguf = new GgufBuilder().Set("general.architecture", architecture);
        foreach (var (key, value) in Common(config).Concat(Own.GetValueOrDefault(architecture) ?? [])) gguf.Set($"{architecture}.{key}", value);
        foreach (var weight in WeightLayout.All(config))
            gguf.Add(weight.Key, weight.Shape.Length == 1 ? "F32" : weight.Holds[0] == Slot.Embedding ? "Q8_0" : "F16", [.. weight.Shape.Reverse().Select(size => (ulong)size)]);
        return architecture == "phi3" ? gguf.Add("rope_factors_long.weight", "F32", 4).Add("rope_factors_short.weight", "F32", 4) : gguf;
    }

    private static ModelConfig Config(Family family)
    {
        var fused = family is Gpt2 or GptNeoX; // as many heads of keys as of queries
        var config = new ModelConfig
        {
            NLayers = Layers,
            NHeads = Heads,
            NKeyValueHeads = fused ? Heads : Heads / 2,
            DModel = Width,
            DHead = Width / Heads,
            DMlp = Hidden,
            DVocab = Vocabulary,
            NormEpsilon = 1e-5,
            Rope = null,
            Biases = fused ? Matrices.Attention | Matrices.Mlp : family is Qwen2 ? Matrices.Query | Matrices.Key | Matrices.Value : Matrices.None,
            TiedEmbeddings = true,
            MaxPositions = Positions,
            Family = family,
            Layout = family.Gguf,
        };
        return config with { Parts = family.PartsOf(config) };
    }

    private static IEnumerable<(string Key, object Value)> Common(ModelConfig config) =>
    [
        ("block_count", (uint)config.NLayers), ("context_length", (uint)config.MaxPositions), ("embedding_length", (uint)config.DModel), ("feed_forward_length", (uint)config.DMlp),
        ("attention.head_count", (uint)config.NHeads), ("attention.head_count_kv", (uint)config.NKeyValueHeads), ("vocab_size", (uint)config.DVocab),
        (config.Parts.Norm.TakesMean ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon", 1e-5f),
    ];
}
