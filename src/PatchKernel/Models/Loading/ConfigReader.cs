using System.Text.Json;
using PatchKernel.Json;
using PatchKernel.Text;

namespace PatchKernel.Models;

/// <summary>Reads a model's config.json, and passes over no key in silence.</summary>
/// <remarks>
/// A key is used by the family, or accepted at the values of <see cref="AcceptedAt"/> or the family's own alone, or <see cref="Inert"/>, or unknown, which gives a
/// warning. What a family takes for a key that is absent or null is said in its class.
/// </remarks>
internal static class ConfigReader
{
    /// <summary>Keys that would change the computation, and the values at which they don't; none means that the key may only be null.</summary>
    internal static readonly IReadOnlyDictionary<string, object[]> AcceptedAt = new Dictionary<string, object[]>
    {
        ["hidden_act"] = ["silu", "swish"], // two names of one function
        ["rope_interleaved"] = [false],
        ["use_mrope"] = [false],
        ["lm_head_bias"] = [false],
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
            "output_past", // use_cache, up to transformers 2
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
            "id2label", "label2id", "num_labels", "_num_labels", "problem_type", "task_specific_params", "prefix", "is_decoder", "pruned_heads",
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
        var type = root.Require("model_type");
        var family = FamilyTable.ByModelType(type.Text()) ?? throw type.But(FamilyTable.OnlyThese(FamilyTable.ModelTypes));

        var warnings = new List<string>();
        var section = new ConfigSection(root);
        section.Find("model_type");
        var config = family.Read(section, warnings);
        foreach (var part in section.Unread)
        {
            if ((family.AcceptedAt.GetValueOrDefault(part.Key) ?? AcceptedAt.GetValueOrDefault(part.Key)) is { } accepted)
            {
                if (!accepted.Any(part.Is)) throw part.But(Only(accepted));
            }
            else if (!InertKeys.Contains(part.Key) && !family.Inert.Contains(part.Key) && !LayerWindows.Agrees(part, config)) warnings.Add(Unknown(part));
        }
        return (config, warnings);
    }

    /// <summary>The warning of a value that means nothing here.</summary>
    public static string Unknown(JsonPart part) =>
        $"'{part.File}' has the unknown key {part.Path} ({part.Quote()}): if it changes the computation, results differ from the original model's.";

    /// <summary>What an error says of a value that isn't one of these.</summary>
    public static string Only(object[] accepted) => accepted.Length == 0
        ? "that isn't supported"
        : $"only {string.Join(" or ", accepted.Select(Excerpt.Value))} is supported";
}
