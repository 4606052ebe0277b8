using System.Text.Json;
using PatchKernel.Models;

namespace PatchKernel.Tests.Hostile;

/// <summary>Values that mean something in a kind of file, by their key, as JSON: where a change does more than make the file unreadable.</summary>
internal static class HostileValues
{
    private static readonly string[] Constants = ["1e-320", "1e-40", "1e-5", "0.5", "1", "1e30", "1e39", "1e308"];
    private static readonly string[] Sizes = ["1", "2", "3", "8", "16", "63", "64", "4096", "16777216"];
    private static readonly string[] Switches = ["true", "false", "null"];

    /// <summary>Of a config.json.</summary>
    public static IReadOnlyDictionary<string, string[]> OfConfig { get; } = new Dictionary<string, string[]>(
        ConfigReader.AcceptedAt.Select(entry => KeyValuePair.Create<string, string[]>(entry.Key, ["\"other\"", "null", .. entry.Value.Select(value => JsonSerializer.Serialize(value))])))
    {
        ["hidden_size"] = Sizes,
        ["intermediate_size"] = Sizes,
        ["num_hidden_layers"] = Sizes,
        ["num_attention_heads"] = Sizes,
        ["num_key_value_heads"] = Sizes,
        ["head_dim"] = Sizes,
        ["vocab_size"] = Sizes,
        ["max_position_embeddings"] = ["1", "2147483647", "64"],
        ["original_max_position_embeddings"] = ["1", "16777216", "64"],
        ["rms_norm_eps"] = Constants,
        ["rope_theta"] = Constants,
        ["factor"] = Constants,
        ["low_freq_factor"] = Constants,
        ["high_freq_factor"] = [.. Constants, "1.0000000001"],
        ["rope_type"] = ["\"linear\"", "\"llama3\"", "\"default\"", "\"yarn\""],
        ["type"] = ["\"linear\"", "\"llama3\"", "\"default\"", "\"yarn\""],
        ["rope_scaling"] = ["null", "{}", "{\"rope_type\": \"linear\", \"factor\": 2}", "{\"rope_type\": \"linear\", \"factor\": 1e-40}", "{\"rope_theta\": 1e-40}"],
        ["rope_parameters"] = ["null", "{}", "{\"rope_type\": \"linear\", \"factor\": 1e-30}", "{\"rope_type\": \"default\", \"rope_theta\": 1e-30}"],
        ["attention_bias"] = Switches,
        ["mlp_bias"] = Switches,
        ["tie_word_embeddings"] = Switches,
        ["architectures"] = ["[]", "7"],
        ["flux"] = ["1"],
    };

    /// <summary>Of a config.json of any family: keys that some use.</summary>
    public static IReadOnlyDictionary<string, string[]> OfFamilies { get; } = new Dictionary<string, string[]>(OfConfig)
    {
        ["model_type"] = ["\"llama\"", "\"qwen2\"", "\"gpt2\"", "\"gemma3\"", "\"mixtral\"", "7"],
        ["n_embd"] = Sizes,
        ["n_head"] = Sizes,
        ["n_layer"] = Sizes,
        ["n_inner"] = [.. Sizes, "null"],
        ["n_positions"] = Sizes,
        ["sliding_window"] = [.. Sizes, "null", "0", "2147483647"],
        ["use_sliding_window"] = Switches,
        ["max_window_layers"] = ["0", "1", "2147483647", "-1"],
        ["sliding_window_pattern"] = Sizes,
        ["layer_types"] = ["[]", "[\"full_attention\", \"full_attention\", \"full_attention\"]", "[\"full_attention\", \"sliding_attention\", \"full_attention\"]", "[\"linear_attention\"]", "null"],
        ["no_rope_layers"] = ["[1, 1, 1, 1]", "[0, 0, 0, 0]", "[2, 1, 1, 1]", "[]", "null"],
        ["no_rope_layer_interval"] = Sizes,
        ["query_pre_attn_scalar"] = Constants,
        ["attn_logit_softcapping"] = [.. Constants, "null"],
        ["final_logit_softcapping"] = [.. Constants, "null"],
        ["rope_local_base_freq"] = Constants,
        ["rotary_emb_base"] = Constants,
        ["rotary_pct"] = ["0.25", "0.5", "1", "0", "1e-320", "0.2", "2"],
        ["partial_rotary_factor"] = ["0.25", "0.5", "1", "0"],
        ["use_parallel_residual"] = Switches,
        ["attention_factor"] = Constants,
        ["beta_fast"] = Constants,
        ["beta_slow"] = Constants,
        ["mscale"] = Constants,
        ["mscale_all_dim"] = Constants,
        ["truncate"] = Switches,
        ["long_factor"] = ["[]", "[1, 1, 1, 1]", "[1e-40, 1, 1, 1]", "[1e38, 1, 1, 1]"],
        ["short_factor"] = ["[1, 1, 1]", "[1, 1, 1, 1]", "[1e-5, 1, 1, 1]"],
        ["rope_scaling"] = ["null", "{\"rope_type\": \"yarn\", \"factor\": 4}", "{\"rope_type\": \"dynamic\", \"factor\": 1e38}", "{\"type\": \"su\", \"long_factor\": [1, 1, 1, 1], \"short_factor\": [1, 1, 1, 1]}"],
        ["rope_parameters"] = ["null", "{\"full_attention\": {\"rope_theta\": 7, \"rope_type\": \"default\"}, \"sliding_attention\": {\"rope_theta\": 8}}", "{\"full_attention\": 7}"],
        ["hidden_activation"] = ["\"gelu\"", "\"gelu_pytorch_tanh\""],
        ["activation_function"] = ["\"gelu\"", "\"relu\"", "\"gelu_new\""],
        ["hidden_act"] = ["\"gelu\"", "\"silu\"", "\"gelu_fast\""],
        ["num_experts"] = ["0", "8"],
    };

    /// <summary>Of a safetensors header.</summary>
    public static IReadOnlyDictionary<string, string[]> OfHeader { get; } = new Dictionary<string, string[]>
    {
        ["dtype"] = ["\"F32\"", "\"BF16\"", "\"F16\"", "\"F64\"", "\"F4\"", "\"I64\"", "\"I32\"", "\"Q8_0\""],
        ["shape"] = ["[]", "[64]", "[64, 64]", "[0]", "[4611686018427387904, 2]", "[0, 4611686018427387904, 4611686018427387904]", "[-1, -64]", $"[{string.Join(',', Enumerable.Repeat(1, 65))}]"],
        ["data_offsets"] = ["[0, 0]", "[0, 4]", "[4, 0]", "[-4, 0]", "[0, 9223372036854775807]", "[9223372036854775807, 9223372036854775807]", "[0, 256]", "[256, 512]"],
        ["__metadata__"] = ["null", "{}", "{\"format\": 1}"],
        ["model.rotary_emb.inv_freq"] = ["{\"dtype\": \"F32\", \"shape\": [0], \"data_offsets\": [0, 0]}", "{\"dtype\": \"F64\", \"shape\": [1], \"data_offsets\": [0, 8]}"],
        ["model.norm.weight"] = ["{\"dtype\": \"F32\", \"shape\": [0], \"data_offsets\": [0, 0]}"],
    };

    /// <summary>Of a tokenizer.json.</summary>
    public static IReadOnlyDictionary<string, string[]> OfTokenizer { get; } = new Dictionary<string, string[]>
    {
        ["type"] = ["\"BPE\"", "\"ByteLevel\"", "\"Split\"", "\"Digits\"", "\"Sequence\"", "\"TemplateProcessing\"", "\"Unigram\"", "\"NFC\"", "\"NFKD\"", "\"Lowercase\"", "\"StripAccents\"",
            "\"Metaspace\"", "\"Whitespace\"", "\"Punctuation\"", "\"ByteFallback\"", "\"Fuse\"", "\"Strip\"", "\"Precompiled\"", "7"],
        ["normalizer"] = ["null", "{\"type\": \"NFKC\"}", Replaces("normalizers", "x", 1), Replaces("normalizers", "aa", 32), Replaces("normalizers", "", 9), $"{{\"type\": \"Prepend\", \"prepend\": \"{Times("a", 1 << 20)}\"}}",
            $"{{\"type\": \"Sequence\", \"normalizers\": [{Times("{\"type\": \"NFKD\"},", 3)} {{\"type\": \"ByteLevel\"}}]}}", "{\"type\": \"Strip\", \"strip_left\": true, \"strip_right\": true}"],
        ["decoder"] = ["null", "{\"type\": \"Fuse\"}", Replaces("decoders", "aa", 32), "{\"type\": \"Strip\", \"content\": \"a\", \"start\": 2147483647, \"stop\": 2147483647}", "{\"type\": \"ByteFallback\"}",
            "{\"type\": \"Metaspace\", \"replacement\": \"a\"}"],
        ["prepend"] = ["\"\"", "\"▁\"", "\"\\u0000\"", $"\"{Times("a", 1 << 20)}\""],
        ["replacement"] = ["\"\"", "\"▁\"", "\"ab\"", "\"\\ud83d\\ude00\"", "7"],
        ["prepend_scheme"] = ["\"always\"", "\"first\"", "\"never\"", "\"last\""],
        ["split"] = Switches,
        ["fuse_unk"] = Switches,
        ["strip_left"] = Switches,
        ["start"] = ["0", "1", "-1", "2147483647", "1e9"],
        ["stop"] = ["0", "1", "-1", "2147483647"],
        ["behavior"] = ["\"Removed\"", "\"Isolated\"", "\"Contiguous\"", "\"MergedWithNext\"", "\"MergedWithPrevious\""],
        ["Regex"] = ["\"\"", "\"(?:a|aa)+[ab]c\"", "\"(?:a|a?)+[ab]c\"", $"\"{Times(@"\\p{L}*[a-z]*", 4)}[ab]c\"", "\"(?:(?:(?:a{0,1000}){0,1000}){0,1000}){0,1000}\"", "\"a{2147483647}\"",
            "\"a{99999999999}\"", "\"[z-a]\"", "\"(?<=a+)b\"", "\"\\\\p\"", "\"\\\\\"", "\"[\"", "\"\\\\p{L}+|.\"", $"\"{Times("(", 4900)}{Times(")", 4900)}\"",
            $"\"{Times("(?:a|", 1600)}{Times(")", 1600)}\"", $"\"{Times("(?=", 2400)}{Times(")", 2400)}\"", $"\"{Times("a?", 4900)}\"", $"\"{Times("a", 1 << 20)}\"", $"\"{Times("ab|", 300_000)}\""],
        ["pattern"] = ["{\"String\": \"\"}", "{\"String\": \"a\"}", $"{{\"String\": \"{Times("a", 1 << 20)}\"}}", "{\"Regex\": \"\\\\u001b\"}"],
        ["pre_tokenizer"] = [$"{{\"type\": \"Sequence\", \"pretokenizers\": [{Times("{\"type\": \"Digits\"},", 30_000)} {{\"type\": \"ByteLevel\"}}]}}", "{\"type\": \"ByteLevel\"}",
            "{\"type\": \"ByteLevel\", \"use_regex\": false}"],
        ["ids"] = ["[]", "[999]", "[258, 258]", $"[{Times("258,", 100_000)} 258]", "[2147483646]"],
        ["vocab"] = [Vocabulary($"\"{Times("b", 1 << 20)}\": 256"), Vocabulary("\"ab\": 300, \"abc\": 25899"), Vocabulary("\"ab\": 256, \"\\u001b[31m\\n\": 2000000"), Vocabulary("\"\\u001b[31m\\n\": 3"),
            Vocabulary($"\"{Times("b", 100_000)}\": 3"), $"{{{Numbered(200_000, i => $"\"{i:x}\":{i}")}}}", $"{{{Numbered(1_000_000, i => $"\"{i:x}\":{i}")}}}", "{\"\": 0}"],
        ["merges"] = ["[]", "[\"a b\", \"a b\"]", "[\"a  b\"]", "[\" \"]", "[\"\"]", "[[\"a\", \"b\"]]", "[[\"a b\", \"c\"]]", "[\"\\u001b[31m\\n b\"]", $"[\"{Times("c", 100_000)} b\"]",
            $"[{Times("\"a b\",", 200_000)} \"ab c\"]"],
        ["added_tokens"] = ["[]", $"[{Numbered(30_000, i => $"{{\"id\": {i + 300}, \"content\": \"<{i}>\"}}")}]", $"[{Numbered(200_000, i => $"{{\"id\":{i + 300},\"content\":\"{i:x}_\"}}")}]",
            $"[{{\"id\": 300, \"content\": \"{Times("a", 1 << 20)}\"}}, {{\"id\": 301, \"content\": \"\\u001b[31m\\n\"}}]", $"[{Numbered(1400, i => $"{{\"id\": {i + 300}, \"content\": \"{Times("a", i)}b\"}}")}]",
            "[{\"id\": 300, \"content\": \"\\u001b[31m\\n\"}, {\"id\": 301, \"content\": \"\\u001b[31m\\n\"}]", "[{\"id\": 97, \"content\": \"\\u001b[31m\\n\"}]"],
        ["id"] = ["0", "256", "25899", "25900", "1000000", "2147483646", "\"<x>\"", "\"\\u001b\\n\""],
        ["content"] = ["\"\"", "\" \"", "\"a\"", "\"a b\"", "\"\\n\\u0000\""],
        ["single_word"] = Switches,
        ["lstrip"] = Switches,
        ["rstrip"] = Switches,
        ["special"] = Switches,
        ["normalized"] = Switches,
        ["invert"] = Switches,
        ["use_regex"] = Switches,
        ["add_prefix_space"] = Switches,
        ["individual_digits"] = Switches,
        ["ignore_merges"] = Switches,
        ["byte_fallback"] = Switches,
        ["dropout"] = ["0", "0.0", "0.1", "null"],
        ["unk_token"] = ["\"<s>\"", "7"],
    };

    /// <summary>Of an index, with the names of shards.</summary>
    public static IReadOnlyDictionary<string, string[]> OfIndex(string[] names)
    {
        string[] shards = [.. names.Select(name => JsonSerializer.Serialize(name))];
        string[] maps = [.. shards.Select(shard => $"{{\"model.embed_tokens.weight\": {shard}}}")];
        return new Dictionary<string, string[]>
        {
            ["weight_map"] = [.. maps, "{}", "[]", $"{{{Numbered(20_000, i => $"\"{i}\":\"{i}.safetensors\"")}}}"],
            ["model.embed_tokens.weight"] = shards,
            ["lm_head.weight"] = shards,
            ["model.layers.0.mlp.up_proj.weight"] = shards,
            ["model.norm.weight"] = shards,
            ["metadata"] = ["null", "7", "{\"total_size\": -1}"],
        };
    }

    private static string Vocabulary(string more) =>
        $"{{{string.Join(',', Enumerable.Range(0, 256).Select(i => $"{JsonSerializer.Serialize(TokenizerData.ByteLetter(i))}:{i}"))}, {more}}}";

    private static string Times(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    /// <summary>A Sequence of steps that replace every "a".</summary>
    private static string Replaces(string key, string content, int count) =>
        $"{{\"type\": \"Sequence\", \"{key}\": [{string.Join(',', Enumerable.Repeat($"{{\"type\": \"Replace\", \"pattern\": {{\"String\": \"a\"}}, \"content\": \"{content}\"}}", count))}]}}";

    private static string Numbered(int count, Func<int, string> entry) => string.Join(',', Enumerable.Range(0, count).Select(entry));
}
