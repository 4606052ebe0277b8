using PatchKernel.Gguf;
using PatchKernel.Text;
using PatchKernel.Tokens;
using static TorchSharp.torch;

namespace PatchKernel.Models;

/// <summary>Reads a Llama model's shape and constants from a GGUF file's metadata, and passes over no key of its architecture in silence.</summary>
/// <remarks>
/// A key under <c>llama.</c> is used, or accepted at the values of <see cref="AcceptedAt"/> alone, or <see cref="Inert"/>, or unknown, which
/// gives a warning. What is absent has llama.cpp's default: as many key/value heads as heads, heads of embedding_length / head_count,
/// rope.freq_base 10000, and scaling of type linear where only a factor is given. Other keys change no computation.
/// </remarks>
internal static class GgufConfigReader
{
    private const string Architecture = "general.architecture";
    private const string Kind = "general.type";
    private const string Llama = "llama";
    private const string HeadCount = "llama.attention.head_count";
    private const string KeyValueHeadCount = "llama.attention.head_count_kv";
    private const string KeyLength = "llama.attention.key_length";
    private const string ValueLength = "llama.attention.value_length";
    private const string Width = "llama.embedding_length";
    private const string VocabularySize = "llama.vocab_size";
    private const string RopeWidth = "llama.rope.dimension_count";
    private const string ScalingType = "llama.rope.scaling.type";
    private const string ScalingFactor = "llama.rope.scaling.factor";
    private const float LeastFactor = 1e-6f; // what is divided by less turns by angles that aren't numbers
    private const double DefaultTheta = 10_000;
    private const int MaxLayers = 4096;
    private const int MaxWidth = 1 << 24;

    /// <summary>Keys that would change the computation, and the values at which they don't.</summary>
    internal static readonly IReadOnlyDictionary<string, object[]> AcceptedAt = new Dictionary<string, object[]>
    {
        [Kind] = ["model"],
        ["llama.expert_count"] = [0],
        ["llama.expert_used_count"] = [0],
        ["llama.expert_shared_count"] = [0],
        ["llama.leading_dense_block_count"] = [0],
        ["llama.interleave_moe_layer_step"] = [0],
        ["llama.nextn_predict_layers"] = [0],
        ["llama.use_parallel_residual"] = [false],
        ["llama.logit_scale"] = [0, 1], // 0 stands for none
        ["llama.residual_scale"] = [0, 1],
        ["llama.embedding_scale"] = [0, 1],
        ["llama.attention.scale"] = [0],
        ["llama.attention.causal"] = [true],
        ["llama.attention.sliding_window"] = [0],
        ["llama.attention.clamp_kqv"] = [0],
        ["llama.attention.max_alibi_bias"] = [0],
        ["llama.attention.temperature_scale"] = [0],
        ["llama.attn_logit_softcapping"] = [0],
        ["llama.final_logit_softcapping"] = [0],
        ["llama.rope.scale_linear"] = [1],
        ["llama.rope.scaling.attn_factor"] = [1],
        ["llama.tensor_data_layout"] = ["Meta AI original pth"], // queries' and keys' rows interleaved, as in every file of this architecture
    };

    /// <summary>Keys of the architecture that don't change what a forward pass computes.</summary>
    internal static readonly string[] Inert =
    [
        "llama.rope.scaling.original_context_length", "llama.rope.scaling.finetuned", "llama.decoder_start_token_id", "llama.pooling_type",
        VocabularySize, // the list of tokens, where there is one, says it
    ];

    /// <summary>Passes where a file holds a Llama model.</summary>
    /// <exception cref="PatchKernelException">It holds another one.</exception>
    public static void CheckArchitecture(GgufMetadata metadata)
    {
        if (!metadata.Has(Architecture)) throw metadata.Missing(Architecture);
        if (!metadata.Equals(Architecture, Llama)) throw metadata.Wrong(Architecture, $"only {Llama} is supported");
    }

    /// <summary>Reads a file's metadata.</summary>
    /// <returns>The model's shape and constants, and one sentence for each key of its architecture that isn't known.</returns>
    /// <exception cref="PatchKernelException">
    /// A key is missing, has a value that can't be, or would change the computation in a way that isn't supported.
    /// </exception>
    public static (ModelConfig Config, IReadOnlyList<string> Warnings) Read(GgufParts file)
    {
        var metadata = file.Metadata;
        foreach (var (key, accepted) in AcceptedAt)
            if (metadata.Has(key) && !accepted.Any(value => metadata.Equals(key, value)))
                throw metadata.Wrong(key, key == Kind && metadata.Equals(Kind, "adapter")
                    ? "only model is supported: merge the adapter into its base model first, with llama-export-lora"
                    : $"only {string.Join(" or ", accepted.Select(Excerpt.Value))} is supported");

        var config = ReadLlama(file);
        var warnings = metadata.Unread
            .Where(key => key.StartsWith($"{Llama}.", StringComparison.Ordinal) && !AcceptedAt.ContainsKey(key) && !Inert.Contains(key));
        return (config, [.. warnings.Select(metadata.Unknown)]);
    }

    private static ModelConfig ReadLlama(GgufParts file)
    {
        var metadata = file.Metadata;
        var (width, heads) = (metadata.Size(Width), metadata.Size(HeadCount));
        var headWidth = HeadWidth(metadata, width, heads);
        var keyValueHeads = metadata.Size(KeyValueHeadCount, fallback: heads);
        if (heads % keyValueHeads != 0) throw metadata.Wrong(KeyValueHeadCount, $"it must divide {HeadCount}, {heads}");
        if ((long)heads * headWidth > MaxWidth) throw metadata.Wrong(HeadCount, $"all heads together must be at most {MaxWidth} wide");
        return new ModelConfig
        {
            NLayers = metadata.Size("llama.block_count", max: MaxLayers),
            NHeads = heads,
            NKeyValueHeads = keyValueHeads,
            DModel = width,
            DHead = headWidth,
            DMlp = metadata.Size("llama.feed_forward_length"),
            DVocab = Vocabulary(metadata),
            NormEpsilon = metadata.Positive("llama.attention.layer_norm_rms_epsilon"),
            Rope = Rope(file, headWidth),
            AttentionBias = file.Tensors.Keys.Any(GgufNames.IsAttentionBias),
            MlpBias = file.Tensors.Keys.Any(GgufNames.IsMlpBias),
            TiedEmbeddings = !file.Tensors.ContainsKey(GgufNames.Unembedding),
            MaxPositions = metadata.Size("llama.context_length", max: int.MaxValue),
        };
    }

    private static int HeadWidth(GgufMetadata metadata, int width, int heads)
    {
        var given = metadata.Has(KeyLength);
        if (!given && width % heads != 0) throw metadata.Wrong(Width, $"it must be a multiple of {HeadCount}, {heads}, where {KeyLength} isn't given");
        var head = given ? metadata.Size(KeyLength) : width / heads;
        if (head % 2 != 0) throw metadata.Wrong(given ? KeyLength : Width, $"a head, {head} wide, must have an even width");
        foreach (var key in (string[])[ValueLength, RopeWidth])
            if (metadata.Has(key) && metadata.Size(key) != head) throw metadata.Wrong(key, $"only the width of a head, {head}, is supported");
        return head;
    }

    private static int Vocabulary(GgufMetadata metadata)
    {
        if (metadata.Count(GgufTokenizer.TokensKey) is not { } count) return metadata.Size(VocabularySize);
        return count is > 0 and <= MaxWidth ? (int)count : throw metadata.Wrong(GgufTokenizer.TokensKey, $"it must have 1 to {MaxWidth} tokens");
    }

    private static RopeConfig Rope(GgufParts file, int headWidth)
    {
        var metadata = file.Metadata;
        var theta = metadata.Positive("llama.rope.freq_base", DefaultTheta, least: 1);
        var factor = (metadata.Text(ScalingType) ?? "linear") switch
        {
            "linear" => metadata.Has(ScalingFactor) && !metadata.Equals(ScalingFactor, 0) ? metadata.Positive(ScalingFactor, least: 1) : 1,
            "none" => 1,
            _ => throw metadata.Wrong(ScalingType, "only none and linear are supported"),
        };
        if (file.Tensors.TryGetValue(GgufNames.RopeFactors, out var stored)) return new RopeConfig.Factors(theta, Factors(file, stored, headWidth, factor));
        return factor == 1 ? new RopeConfig.Plain(theta) : new RopeConfig.Linear(theta, factor);
    }

    private static float[] Factors(GgufParts file, GgufTensor stored, int headWidth, double factor)
    {
        if (!stored.Shape.SequenceEqual([headWidth / 2]))
            throw new PatchKernelException($"In '{file.Path}' {stored.Name} is {Excerpt.Shape(stored.Shape)}, but it must be [{headWidth / 2}], half a head.");
        using var scope = NewDisposeScope();
        float[] factors = [.. file.Read(stored, 0, stored.Shape[0], ScalarType.Float32, CPU).data<float>().Select(value => (float)(value * factor))];
        return factors.All(value => float.IsFinite(value) && value > LeastFactor)
            ? factors
            : throw new PatchKernelException($"In '{file.Path}' {stored.Name} has entries that aren't numbers above {LeastFactor:0.000000}: it is damaged.");
    }
}
