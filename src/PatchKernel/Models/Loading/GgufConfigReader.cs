using PatchKernel.Gguf;
using PatchKernel.Tokens;

namespace PatchKernel.Models;

/// <summary>Reads a model's shape and constants from a GGUF file's metadata, and passes over no key of its architecture in silence.</summary>
/// <remarks>
/// A key of the architecture is used, or accepted at the values of <see cref="AcceptedAt"/> alone, or <see cref="Inert"/>, or unknown, which
/// gives a warning. What is absent has llama.cpp's default: as many key/value heads as heads, heads of embedding_length / head_count,
/// rope.freq_base 10000, and scaling of type linear where only a factor is given. Other keys change no computation.
/// </remarks>
internal static class GgufConfigReader
{
    private const string Architecture = "general.architecture";
    private const string Kind = "general.type";
    private const string HeadCount = "attention.head_count";
    private const string KeyValueHeadCount = "attention.head_count_kv";
    private const string KeyLength = "attention.key_length";
    private const string ValueLength = "attention.value_length";
    private const string Width = "embedding_length";
    private const string VocabularySize = "vocab_size";

    /// <summary>Keys of an architecture that would change the computation, and the values at which they don't; those that a family reads are its own.</summary>
    internal static readonly IReadOnlyDictionary<string, object[]> AcceptedAt = new Dictionary<string, object[]>
    {
        ["expert_count"] = [0],
        ["expert_used_count"] = [0],
        ["expert_shared_count"] = [0],
        ["leading_dense_block_count"] = [0],
        ["interleave_moe_layer_step"] = [0],
        ["nextn_predict_layers"] = [0],
        ["use_parallel_residual"] = [false],
        ["logit_scale"] = [0, 1], // 0 stands for none
        ["residual_scale"] = [0, 1],
        ["embedding_scale"] = [0, 1],
        ["attention.scale"] = [0],
        ["attention.causal"] = [true],
        ["attention.sliding_window"] = [0],
        ["attention.clamp_kqv"] = [0],
        ["attention.max_alibi_bias"] = [0],
        ["attention.temperature_scale"] = [0],
        ["attn_logit_softcapping"] = [0],
        ["final_logit_softcapping"] = [0],
        ["rope.scale_linear"] = [1],
        ["rope.scaling.attn_factor"] = [1],
        ["tensor_data_layout"] = ["Meta AI original pth"], // queries' and keys' rows interleaved, as in every file of llama
    };

    /// <summary>Keys of the architecture that don't change what a forward pass computes.</summary>
    internal static readonly string[] Inert =
    [
        "rope.scaling.original_context_length", "rope.scaling.finetuned", "rope.scaling.yarn_log_multiplier", "decoder_start_token_id", "pooling_type",
        VocabularySize, // the list of tokens, where there is one, says it
    ];

    /// <summary>Passes where a file holds a model of a known family.</summary>
    /// <exception cref="PatchKernelException">It holds another one.</exception>
    public static void CheckArchitecture(GgufMetadata metadata) => FamilyOf(metadata);

    /// <summary>Reads a file's metadata.</summary>
    /// <returns>The model's shape and constants, and one sentence for each key of its architecture that isn't known.</returns>
    /// <exception cref="PatchKernelException">
    /// A key is missing, has a value that can't be, or would change the computation in a way that isn't supported.
    /// </exception>
    public static (ModelConfig Config, IReadOnlyList<string> Warnings) Read(GgufParts file)
    {
        var metadata = file.Metadata;
        var family = FamilyOf(metadata);
        if (metadata.Has(Kind) && !metadata.Equals(Kind, "model"))
            throw metadata.Wrong(Kind, metadata.Equals(Kind, "adapter")
                ? "only model is supported: merge the adapter into its base model first, with llama-export-lora"
                : "only \"model\" is supported");

        var section = new GgufSection(metadata, family.Architecture!);
        var config = family.Complete(ReadCommon(file, family, section), section);
        List<string> warnings = [];
        var prefix = section.Name("");
        foreach (var key in metadata.Unread.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            var rest = key[prefix.Length..];
            if (AcceptedAt.GetValueOrDefault(rest) is { } accepted)
            {
                if (!accepted.Any(value => metadata.Equals(key, value))) throw metadata.Wrong(key, ConfigReader.Only(accepted));
            }
            else if (!Inert.Contains(rest)) warnings.Add(metadata.Unknown(key));
        }
        return (config, warnings);
    }

    private static Family FamilyOf(GgufMetadata metadata)
    {
        if (metadata.Text(Architecture) is not { } name) throw metadata.Missing(Architecture);
        return FamilyTable.ByArchitecture(name) ?? throw metadata.Wrong(Architecture, FamilyTable.OnlyThese(FamilyTable.Architectures));
    }

    private static ModelConfig ReadCommon(GgufParts file, Family family, GgufSection section)
    {
        var (width, heads) = (section.Size(Width), section.Size(HeadCount));
        var headWidth = HeadWidth(section, width, heads);
        var keyValueHeads = section.Size(KeyValueHeadCount, fallback: heads);
        if (heads % keyValueHeads != 0) throw section.Wrong(KeyValueHeadCount, $"it must divide {section.Name(HeadCount)}, {heads}");
        if ((long)heads * headWidth > ConfigSection.MaxSize) throw section.Wrong(HeadCount, $"all heads together must be at most {ConfigSection.MaxSize} wide");
        var config = new ModelConfig
        {
            NLayers = section.Size("block_count", max: ConfigSection.MaxLayers),
            NHeads = heads,
            NKeyValueHeads = keyValueHeads,
            DModel = width,
            DHead = headWidth,
            DMlp = section.Size("feed_forward_length"),
            DVocab = Vocabulary(file.Metadata, section),
            NormEpsilon = 0, // whose key depends on the parts
            Rope = null,
            TiedEmbeddings = !file.Tensors.ContainsKey("output.weight"),
            MaxPositions = section.Size("context_length", max: int.MaxValue),
            Family = family,
            Layout = family.Gguf,
            Tree = new TreeConstants { PaddingIndex = file.Metadata.Index("tokenizer.ggml.padding_token_id") },
        };
        config = config with { Parts = family.PartsOf(config) };
        config = config with { Biases = Biases(file, config), NormEpsilon = section.Positive(EpsilonKey(config.Parts.Norm)) };
        return new GgufRope(file, section, config).Read();
    }

    private static string EpsilonKey(NormKind norm) => norm.TakesMean ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon";

    private static int HeadWidth(GgufSection section, int width, int heads)
    {
        var given = section.Has(KeyLength);
        if (!given && width % heads != 0) throw section.Wrong(Width, $"it must be a multiple of {section.Name(HeadCount)}, {heads}, where {section.Name(KeyLength)} isn't given");
        var head = given ? section.Size(KeyLength) : width / heads;
        if (head % 2 != 0) throw section.Wrong(given ? KeyLength : Width, $"a head, {head} wide, must have an even width");
        if (section.Has(ValueLength) && section.Size(ValueLength) != head) throw section.Wrong(ValueLength, $"only the width of a head, {head}, is supported");
        return head;
    }

    private static int Vocabulary(GgufMetadata metadata, GgufSection section)
    {
        if (metadata.Count(GgufTokenizer.TokensKey) is not { } count) return section.Size(VocabularySize);
        return count is > 0 and <= ConfigSection.MaxSize ? (int)count : throw metadata.Wrong(GgufTokenizer.TokensKey, $"it must have 1 to {ConfigSection.MaxSize} tokens");
    }

    /// <summary>The matrices of which some layer's bias is there, since llama.cpp adds each one that is, and those that the family always has.</summary>
    private static Matrices Biases(GgufParts file, ModelConfig config)
    {
        var all = config with { Biases = Matrices.Attention | Matrices.Mlp };
        return Enumerable.Range(0, config.NLayers).SelectMany(layer => WeightLayout.Layer(all, layer))
            .Where(weight => weight.IsBias && file.Tensors.ContainsKey(weight.Key)).SelectMany(weight => weight.Holds)
            .Aggregate(config.Family.GgufBiases, (some, slot) => some | slot.Matrix());
    }
}
