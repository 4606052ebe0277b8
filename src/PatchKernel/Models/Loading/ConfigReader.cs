using System.Text.Json;
using PatchKernel.Json;
using PatchKernel.Text;

namespace PatchKernel.Models;

/// <summary>Reads a Llama model's config.json, and passes over no key in silence.</summary>
/// <remarks>
/// A key is used, or accepted at the values of <see cref="AcceptedAt"/> alone, or <see cref="Inert"/>, or unknown, which gives a warning.
/// A key that is absent or null takes the default of transformers' ModelConfig where config.json commonly leaves it out: num_key_value_heads
/// is num_attention_heads, head_dim is hidden_size / num_attention_heads, rms_norm_eps is 1e-6, rope_theta is 10000, max_position_embeddings is
/// 2048, attention_bias, mlp_bias and tie_word_embeddings are false. Every other key that is used has to be there.
/// </remarks>
internal static class ConfigReader
{
    private const int MaxLayers = 4096;
    private const int MaxWidth = 1 << 24;
    private const int DefaultPositions = 2048;
    private const string LayerTypes = "layer_types";

    /// <summary>Keys that would change the computation, and the values at which they don't; none means that the key may only be null.</summary>
    internal static readonly IReadOnlyDictionary<string, object[]> AcceptedAt = new Dictionary<string, object[]>
    {
        ["model_type"] = ["llama"],
        ["hidden_act"] = ["silu", "swish"], // two names of one function
        ["rope_interleaved"] = [false],
        ["partial_rotary_factor"] = [1],
        ["quantization_config"] = [],
        ["sliding_window"] = [],
        ["use_sliding_window"] = [false],
        ["no_rope_layers"] = [],
        ["per_layer_config"] = [],
        ["qk_norm"] = [false],
        ["use_qk_norm"] = [false],
        ["attn_logit_softcapping"] = [],
        ["final_logit_softcapping"] = [],
        ["embedding_multiplier"] = [1],
        ["attention_multiplier"] = [],
        ["residual_multiplier"] = [1],
        ["logit_scale"] = [1],
        ["logits_scaling"] = [1],
        ["num_experts"] = [0],
        ["num_local_experts"] = [0],
        ["add_cross_attention"] = [false],
        ["is_encoder_decoder"] = [false],
    };

    /// <summary>Keys that don't change what a forward pass computes, by the reason why.</summary>
    internal static readonly IReadOnlyDictionary<string, string[]> Inert = new Dictionary<string, string[]>
    {
        ["names and versions"] =
        [
            "architectures", "_name_or_path", "name_or_path", "transformers_version", "transformers.js_config", "is_llama_config",
            "unsloth_fixed", "unsloth_version",
        ],
        ["every stored tensor says its own dtype"] = ["torch_dtype", "dtype"],
        ["the tokenizer's files say it"] =
            ["bos_token_id", "eos_token_id", "pad_token_id", "sep_token_id", "decoder_start_token_id", "tokenizer_class"],
        ["training alone reads it"] =
            ["initializer_range", "attention_dropout", "hidden_dropout", "gradient_checkpointing", "finetuning_task", "num_logits_to_keep"],
        ["how transformers runs, not what it computes"] =
        [
            "use_cache", "output_attentions", "output_hidden_states", "return_dict", "use_return_dict", "torchscript", "use_bfloat16",
            "attn_implementation", "_attn_implementation", "_attn_implementation_autoset", "chunk_size_feed_forward",
            "max_sequence_length", // an older name for max_position_embeddings, which nothing read
            "pretraining_tp", // cut matrix products into so many parts, up to transformers 4
        ],
        ["generation alone reads it"] =
        [
            "do_sample", "early_stopping", "temperature", "top_k", "top_p", "typical_p", "repetition_penalty", "length_penalty",
            "diversity_penalty", "max_length", "min_length", "num_beams", "num_beam_groups", "num_return_sequences", "no_repeat_ngram_size",
            "encoder_no_repeat_ngram_size", "bad_words_ids", "suppress_tokens", "begin_suppress_tokens", "forced_bos_token_id",
            "forced_eos_token_id", "remove_invalid_values", "exponential_decay_length_penalty", "output_scores", "return_dict_in_generate",
        ],
        ["other kinds of models read it"] =
        [
            "id2label", "label2id", "num_labels", "problem_type", "task_specific_params", "prefix", "is_decoder", "pruned_heads",
            "tie_encoder_decoder", "cross_attention_hidden_size",
        ],
    };

    private static readonly HashSet<string> InertKeys = [.. Inert.Values.SelectMany(keys => keys)];

    /// <summary>Reads a config.json.</summary>
    /// <returns>The model's shape and constants, and one sentence for each key that isn't known.</returns>
    /// <exception cref="PatchKernelException">
    /// A key is missing, has a value that can't be, or would change the computation in a way that isn't supported.
    /// </exception>
    public static (ModelConfig Config, IReadOnlyList<string> Warnings) Read(string path) => JsonFile.Read(path, json => Read(json, path));

    private static (ModelConfig, IReadOnlyList<string>) Read(JsonElement json, string path)
    {
        var root = new JsonPart("config", path, json);
        root.Require("model_type");
        foreach (var (key, accepted) in AcceptedAt)
            if (root.Find(key) is { } part && !accepted.Any(part.Is)) throw part.But(Only(accepted));

        var warnings = new List<string>();
        var section = new ConfigSection(root);
        var config = ReadLlama(section, warnings);
        warnings.AddRange(section.Unread.Where(part => !AcceptedAt.ContainsKey(part.Key) && !InertKeys.Contains(part.Key) && !IsFullAttention(part)).Select(Unknown));
        return (config, warnings);
    }

    /// <summary>Whether it says of every layer what is so in a Llama model without it.</summary>
    private static bool IsFullAttention(JsonPart part) =>
        part is { Key: LayerTypes, Element.ValueKind: JsonValueKind.Array } && part.Items().All(type => type.Is("full_attention"));

    /// <summary>The warning of a value that means nothing here.</summary>
    public static string Unknown(JsonPart part) =>
        $"'{part.File}' has the unknown key {part.Path} ({part.Quote()}): if it changes the computation, results differ from the original model's.";

    private static ModelConfig ReadLlama(ConfigSection section, List<string> warnings)
    {
        var dModel = section.Size("hidden_size");
        var nHeads = section.Size("num_attention_heads");
        var config = new ModelConfig
        {
            NLayers = section.Size("num_hidden_layers", max: MaxLayers),
            NHeads = nHeads,
            NKeyValueHeads = section.Size("num_key_value_heads", fallback: nHeads),
            DModel = dModel,
            DHead = section.Find("head_dim") is null ? DerivedHead(section, dModel, nHeads) : section.Size("head_dim"),
            DMlp = section.Size("intermediate_size"),
            DVocab = section.Size("vocab_size"),
            NormEpsilon = section.Positive("rms_norm_eps", fallback: 1e-6),
            Rope = RopeReader.Read(section, warnings),
            AttentionBias = section.Flag("attention_bias", fallback: false),
            MlpBias = section.Flag("mlp_bias", fallback: false),
            TiedEmbeddings = section.Flag("tie_word_embeddings", fallback: false),
            MaxPositions = section.Size("max_position_embeddings", fallback: DefaultPositions, max: int.MaxValue),
        };
        Check(section, config);
        return config;
    }

    private static int DerivedHead(ConfigSection section, int dModel, int nHeads) => dModel % nHeads == 0
        ? dModel / nHeads
        : throw section.Wrong("hidden_size", $"it must be a multiple of num_attention_heads, {nHeads}, where head_dim isn't given");

    private static void Check(ConfigSection section, ModelConfig config)
    {
        if (config.NHeads % config.NKeyValueHeads != 0)
            throw section.Wrong("num_key_value_heads", $"it must divide num_attention_heads, {config.NHeads}");
        if (config.DHead % 2 != 0)
            throw section.Wrong(section.Find("head_dim") is null ? "hidden_size" : "head_dim", $"a head, {config.DHead} wide, must have an even width");
        var width = (long)config.NHeads * config.DHead;
        if (width > MaxWidth) throw section.Wrong("num_attention_heads", $"all heads together must be at most {MaxWidth} wide, and they are {width}");
    }

    private static string Only(object[] accepted) => accepted.Length == 0
        ? "that isn't supported"
        : $"only {string.Join(" or ", accepted.Select(Excerpt.Value))} is supported";
}
