using System.Text.Json.Nodes;
using PatchKernel.Models;

namespace PatchKernel.Tests.Checkpoints;

/// <summary>What each family's own keys of config.json mean, and what is refused by its name.</summary>
public sealed class FamilyConfigTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    private (ModelConfig Config, IReadOnlyList<string> Warnings) Read(string type, string keys)
    {
        var config = JsonNode.Parse(type == "gpt2"
            ? """{"n_embd": 8, "n_layer": 4, "n_head": 2, "n_positions": 16, "vocab_size": 10}"""
            : """
              {"hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 4, "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 8, "vocab_size": 10,
               "max_position_embeddings": 64}
              """)!.AsObject();
        config["model_type"] = type;
        if (type == "gpt_neox")
        {
            config["hidden_size"] = 16; // a quarter of a head is turned
            config.Remove("num_key_value_heads");
        }
        foreach (var (key, value) in JsonNode.Parse(keys)!.AsObject()) config[key] = value?.DeepClone();
        File.WriteAllText(folder.File("config.json"), config.ToJsonString());
        return ConfigReader.Read(folder.File("config.json"));
    }

    private ModelConfig Known(string type, string keys)
    {
        var (config, warnings) = Read(type, keys);
        Assert.Empty(warnings);
        return config;
    }

    [Theory]
    [InlineData("llama", "{}", "- - - -")]
    [InlineData("mistral", "{}", "4096 4096 4096 4096")]
    [InlineData("mistral", """{"sliding_window": null}""", "- - - -")]
    [InlineData("mistral", """{"sliding_window": 3, "layer_types": ["sliding_attention", "sliding_attention", "sliding_attention", "sliding_attention"]}""", "3 3 3 3")]
    [InlineData("phi3", "{}", "- - - -")]
    [InlineData("phi3", """{"sliding_window": 3}""", "3 3 3 3")]
    [InlineData("qwen2", """{"sliding_window": 3}""", "- - - -")]
    [InlineData("qwen2", """{"sliding_window": 3, "use_sliding_window": true}""", "- - - -")] // from layer 28 on
    [InlineData("qwen2", """{"sliding_window": 3, "use_sliding_window": true, "max_window_layers": 2}""", "- - 3 3")]
    [InlineData("qwen3", """{"use_sliding_window": true, "max_window_layers": 3}""", "- - - 4096")]
    [InlineData("qwen3", """{"sliding_window": 3, "use_sliding_window": true, "layer_types": ["sliding_attention", "full_attention", "full_attention", "full_attention"]}""", "3 - - -")]
    [InlineData("smollm3", """{"sliding_window": 3}""", "- - - -")]
    [InlineData("smollm3", """{"sliding_window": 3, "use_sliding_window": true}""", "- - - 3")] // the layers without rope
    [InlineData("gemma2", "{}", "4096 - 4096 -")]
    [InlineData("gemma2", """{"sliding_window": 3, "layer_types": ["full_attention", "sliding_attention", "full_attention", "sliding_attention"]}""", "- 3 - 3")]
    [InlineData("gemma3_text", """{"sliding_window": 3}""", "3 3 3 3")]
    [InlineData("gemma3_text", """{"sliding_window": 3, "sliding_window_pattern": 2}""", "3 - 3 -")]
    [InlineData("gemma3_text", """{"sliding_window": 3, "_sliding_window_pattern": 2}""", "3 - 3 -")]
    [InlineData("olmo2", "{}", "- - - -")]
    public void A_window_is_in_the_layers_where_transformers_has_it(string type, string keys, string expected)
    {
        var config = Known(type, keys);
        Assert.Equal(expected, string.Join(' ', Enumerable.Range(0, 4).Select(layer => config.PositionsOf(layer).Window?.ToString() ?? "-")));
    }

    [Theory]
    [InlineData("smollm3", "{}", "2000000 2000000 2000000 -")]
    [InlineData("smollm3", """{"no_rope_layer_interval": 2, "rope_theta": 7}""", "7 - 7 -")]
    [InlineData("smollm3", """{"no_rope_layers": [0, 1, 1, 0], "rope_theta": 7}""", "- 7 7 -")]
    [InlineData("gemma3_text", """{"sliding_window_pattern": 2}""", "10000 1000000 10000 1000000")]
    [InlineData("gemma3_text", """{"sliding_window_pattern": 2, "rope_theta": 7, "rope_local_base_freq": 8}""", "8 7 8 7")]
    [InlineData("gemma3_text", """{"sliding_window_pattern": 2, "rope_parameters": {"full_attention": {"rope_theta": 7, "rope_type": "default"}, "sliding_attention": {"rope_theta": 8, "rope_type": "default"}}}""", "8 7 8 7")]
    [InlineData("gpt_neox", """{"rotary_emb_base": 7}""", "7 7 7 7")]
    [InlineData("gpt2", "{}", "- - - -")]
    public void A_layer_turns_by_its_own_base(string type, string keys, string expected)
    {
        var config = Known(type, keys);
        Assert.Equal(expected, string.Join(' ', Enumerable.Range(0, 4).Select(layer => config.PositionsOf(layer).Rope?.Theta.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "-")));
    }

    [Fact]
    public void Types_of_rope_that_depend_on_the_length_or_on_a_context_are_read()
    {
        Assert.Equal(new RopeConfig.Dynamic(7, 2, 64), Known("llama", """{"rope_theta": 7, "rope_scaling": {"rope_type": "dynamic", "factor": 2}}""").Rope);
        var yarn = new RopeConfig.Yarn(7, 4, 16, RopeConfig.Yarn.UsualAttentionFactor(4));
        Assert.Equal(yarn, Known("llama", """{"rope_theta": 7, "rope_scaling": {"rope_type": "yarn", "factor": 4, "original_max_position_embeddings": 16}}""").Rope);
        Assert.Equal(yarn, Known("llama", """{"rope_theta": 7, "rope_scaling": {"rope_type": "yarn", "original_max_position_embeddings": 16}}""").Rope);
        Assert.Equal(
            yarn with { AttentionFactor = 1.5, BetaFast = 16, BetaSlow = 2, Truncate = false },
            Known("qwen2", """{"rope_theta": 7, "rope_scaling": {"type": "yarn", "factor": 4, "original_max_position_embeddings": 16, "attention_factor": 1.5, "beta_fast": 16, "beta_slow": 2, "truncate": false}}""").Rope);
        foreach (var type in (string[])["longrope", "su", "yarn"])
        {
            var rope = Known("phi3", $$$"""{"rope_theta": 7, "original_max_position_embeddings": 16, "rope_scaling": {"type": "{{{type}}}", "long_factor": [1, 2, 3, 4], "short_factor": [1, 1, 1, 2]}}""").Rope;
            Assert.Equal(new RopeConfig.LongRope(7, [1, 2, 3, 4], [1, 1, 1, 2], 16, Math.Sqrt(1 + Math.Log(4) / Math.Log(16))), rope);
        }
    }

    [Fact]
    public void A_part_of_a_head_is_turned_where_the_config_says_so()
    {
        Assert.Equal(2, Known("phi3", """{"partial_rotary_factor": 0.25}""").RotaryWidth);
        Assert.Equal(8, Known("gpt_neox", """{"rotary_pct": 1.0}""").RotaryWidth);
        Assert.Equal(4, Known("gpt_neox", """{"rotary_pct": 0.5, "partial_rotary_factor": 0.5}""").RotaryWidth);
        Assert.Equal(4, Known("gpt_neox", """{"rope_parameters": {"partial_rotary_factor": 0.5, "rope_theta": 7, "rope_type": "default"}}""").RotaryWidth);
    }

    [Theory] // as files on the hub have them
    [InlineData("qwen2", """{"use_mrope": false}""")]
    [InlineData("qwen2", """{"attention_bias": false}""")]
    [InlineData("qwen2", """{"attention_bias": true}""")]
    [InlineData("mistral", """{"attention_bias": false}""")]
    [InlineData("phi3", """{"attention_bias": false, "mlp_bias": false, "lm_head_bias": false, "full_attn_mod": 1, "interpolate_factor": 1}""")]
    [InlineData("gemma2", """{"sliding_window_size": 4096}""")]
    [InlineData("smollm3", """{"max_window_layers": 28, "pretraining_tp": 2, "sliding_window": null}""")]
    [InlineData("gpt_neox", """{"attention_probs_dropout_prob": 0, "hidden_dropout_prob": 0}""")]
    [InlineData("gpt2", """{"n_special": 0, "predict_special_tokens": true, "output_past": true, "_num_labels": 1}""")]
    public void Keys_that_change_nothing_give_no_warning(string type, string keys)
    {
        var config = Known(type, keys);
        Assert.Equal(Known(type, "{}"), config);
    }

    [Theory]
    [InlineData("phi3", """{"attention_bias": true}""", "attention_bias is true, but only false is supported")]
    [InlineData("phi3", """{"full_attn_mod": 2}""", "full_attn_mod is 2, but only 1 is supported")]
    [InlineData("phi3", """{"mlp_bias": true}""", "mlp_bias is true, but only false is supported")]
    [InlineData("mixtral", "{}", "model_type is \"mixtral\", but only gemma2, gemma3_text, gpt2, ")]
    [InlineData("gemma3", "{}", "model_type is \"gemma3\"")]
    [InlineData("qwen3", """{"num_experts": 8}""", "num_experts is 8, but only 0 is supported")]
    [InlineData("qwen3", """{"layer_types": ["full_attention"]}""", "layer_types is [\"full_attention\"], but it must have 4 entries")]
    [InlineData("qwen3", """{"layer_types": ["linear_attention", "full_attention", "full_attention", "full_attention"]}""", "layer_types[0] is \"linear_attention\"")]
    [InlineData("qwen2", """{"layer_types": ["sliding_attention", "full_attention", "full_attention", "full_attention"]}""", "needs a sliding_window")]
    [InlineData("qwen2", """{"use_mrope": true}""", "use_mrope is true, but only false is supported")]
    [InlineData("phi3", """{"lm_head_bias": true}""", "lm_head_bias is true, but only false is supported")]
    [InlineData("qwen2", """{"hidden_act": "gelu"}""", "hidden_act is \"gelu\"")]
    [InlineData("smollm3", """{"no_rope_layers": [1, 0]}""", "no_rope_layers is [1,0], but it must have 4 entries")]
    [InlineData("gemma2", """{"hidden_activation": "gelu"}""", "hidden_activation is \"gelu\"")]
    [InlineData("gemma3_text", """{"use_bidirectional_attention": true}""", "use_bidirectional_attention is true")]
    [InlineData("gpt2", """{"activation_function": "relu"}""", "activation_function is \"relu\", but only \"gelu_new\" or ")]
    [InlineData("gpt2", """{"scale_attn_by_inverse_layer_idx": true}""", "scale_attn_by_inverse_layer_idx is true")]
    [InlineData("gpt_neox", """{"rotary_pct": 0.4}""", "3 entries would be turned")]
    [InlineData("gpt_neox", """{"rotary_pct": 0.5, "partial_rotary_factor": 0.25}""", "partial_rotary_factor is 0.25, but its older spelling rotary_pct is another")]
    [InlineData("gemma3_text", """{"sliding_window_pattern": 2, "_sliding_window_pattern": 3}""", "_sliding_window_pattern is 3, but its older spelling sliding_window_pattern is another")]
    [InlineData("gpt_neox", """{"num_key_value_heads": 1}""", "num_key_value_heads is 1")]
    [InlineData("phi3", """{"rope_scaling": {"type": "longrope", "long_factor": [1], "short_factor": [1, 1, 1, 1]}, "original_max_position_embeddings": 8}""", "long_factor is [1], but it must have 4 numbers")]
    [InlineData("phi3", """{"rope_scaling": {"type": "longrope", "long_factor": [1, 1, 1, 1], "short_factor": [1, 1, 1, 1]}}""", "has no rope_scaling.original_max_position_embeddings")]
    [InlineData("llama", """{"rope_scaling": {"rope_type": "yarn", "factor": 4, "attention_factor": 1e9}}""", "multiply by more than 1000")]
    [InlineData("llama", """{"rope_scaling": {"rope_type": "dynamic"}}""", "has no rope_scaling.factor")]
    public void What_a_family_cannot_do_is_refused_by_its_key(string type, string keys, string said) =>
        Assert.Contains(said, Assert.Throws<PatchKernelException>(() => Read(type, keys)).Message, StringComparison.Ordinal);

    [Theory, MemberData(nameof(Types))]
    public void An_unknown_key_of_any_family_gives_a_warning(string type) =>
        Assert.Contains("unknown key flux (1.21)", Assert.Single(Read(type, """{"flux": 1.21}""").Warnings), StringComparison.Ordinal);

    public static TheoryData<string> Types { get; } = [.. FamilyTable.ModelTypes];
}
