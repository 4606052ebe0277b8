using System.Text.Json.Nodes;
using PatchKernel.Models;

namespace PatchKernel.Tests.Checkpoints;

/// <summary>Every key of config.json is used, accepted at some values alone, inert, or warned of.</summary>
public sealed class ConfigReaderTests : ConfigTest
{
    /// <summary>What <see cref="CheckpointFolder.SmallConfig"/> says.</summary>
    private static readonly ModelConfig Small = new()
    {
        NLayers = 2,
        NHeads = 4,
        NKeyValueHeads = 2,
        DModel = 8,
        DHead = 2,
        DMlp = 12,
        DVocab = 10,
        NormEpsilon = 1e-6,
        Rope = new RopeConfig.Plain(10000),
        TiedEmbeddings = false,
        MaxPositions = 64,
    };

    [Fact]
    public void Every_size_and_constant_is_read()
    {
        Add(
            """
            {"head_dim": 6, "rms_norm_eps": 1e-5, "attention_bias": true, "mlp_bias": true, "tie_word_embeddings": true, "rope_theta": 500000,
             "max_position_embeddings": 8192}
            """);
        var expected = Small with
        {
            DHead = 6,
            NormEpsilon = 1e-5,
            Biases = Matrices.Attention | Matrices.Mlp,
            TiedEmbeddings = true,
            Rope = new RopeConfig.Plain(500000),
            MaxPositions = 8192,
        };
        Assert.Equal(expected, Read());
    }

    [Fact]
    public void Keys_that_are_commonly_left_out_take_transformers_defaults()
    {
        Assert.Equal(Small, Read());
        config.Remove("num_key_value_heads");
        Assert.Equal(Small with { NKeyValueHeads = 4 }, Read());
        config.Remove("max_position_embeddings");
        Assert.Equal(Small with { NKeyValueHeads = 4, MaxPositions = 2048 }, Read());
    }

    [Theory]
    [InlineData("""{"pretraining_tp": 2}""")]
    [InlineData("""{"pretraining_tp": 8, "max_sequence_length": 2048}""")]
    [InlineData("""{"partial_rotary_factor": 1.0}""")]
    [InlineData("""{"layer_types": ["full_attention", "full_attention"]}""")]
    [InlineData("""{"layer_types": null, "sliding_window": null}""")]
    public void Keys_that_say_what_is_so_without_them_give_no_warning(string keys)
    {
        Add(keys);
        var (read, warnings) = ReadText(config.ToJsonString());
        Assert.Equal(Small, read);
        Assert.Empty(warnings);
    }

    [Theory]
    [InlineData("""["full_attention", "sliding_attention"]""")]
    [InlineData("\"full_attention\"")]
    [InlineData("[1]")]
    public void Layers_of_another_kind_give_a_warning(string types)
    {
        config["layer_types"] = Json(types);
        Assert.Contains("unknown key layer_types", Assert.Single(ReadText(config.ToJsonString()).Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Null_counts_as_absent()
    {
        string[] keys = ["head_dim", "num_key_value_heads", "rope_scaling", "rope_parameters", "rope_theta", "quantization_config", "sliding_window", "never_heard_of"];
        foreach (var key in keys) config[key] = null;
        Assert.Equal(4, Read().NKeyValueHeads);
    }

    [Theory]
    [InlineData("model_type")]
    [InlineData("hidden_size")]
    [InlineData("intermediate_size")]
    [InlineData("num_hidden_layers")]
    [InlineData("num_attention_heads")]
    [InlineData("vocab_size")]
    public void Other_keys_must_be_there(string key)
    {
        config.Remove(key);
        Refused($"has no {key}");
        config[key] = null;
        Refused($"has no {key}");
    }

    [Theory]
    [InlineData("hidden_size", "0")]
    [InlineData("hidden_size", "-8")]
    [InlineData("hidden_size", "8.5")]
    [InlineData("hidden_size", "\"8\"")]
    [InlineData("hidden_size", "99999999999")]
    [InlineData("vocab_size", "16777217")]
    [InlineData("num_hidden_layers", "4097")]
    [InlineData("num_attention_heads", "0")]
    [InlineData("num_attention_heads", "3")] // no divisor of hidden_size
    [InlineData("num_key_value_heads", "3")]
    [InlineData("num_key_value_heads", "8")]
    [InlineData("head_dim", "5")] // odd
    [InlineData("head_dim", "8388608")] // four of them overflow what is believed
    [InlineData("rms_norm_eps", "0")]
    [InlineData("rms_norm_eps", "1e999")]
    [InlineData("rms_norm_eps", "true")]
    [InlineData("rope_theta", "-1")]
    [InlineData("attention_bias", "1")]
    [InlineData("mlp_bias", "\"true\"")]
    [InlineData("tie_word_embeddings", "0")]
    [InlineData("rope_scaling", "\"llama3\"")]
    public void Values_that_cannot_be_are_refused(string key, string value)
    {
        config[key] = Json(value);
        var text = config.ToJsonString();
        var message = Assert.Throws<PatchKernelException>(() => ReadText(text)).Message;
        var named = key == "num_attention_heads" && value == "3" ? "hidden_size is 8" : key == "head_dim" && value.Length > 2 ? "wide" : $"{key} is {value}";
        Assert.Contains(named, message, StringComparison.Ordinal);
    }

    public static TheoryData<string> AcceptedKeys { get; } = [.. ConfigReader.AcceptedAt.Keys];

    [Theory]
    [MemberData(nameof(AcceptedKeys))]
    public void A_key_that_would_change_the_computation_is_refused_by_name_and_value(string key)
    {
        config[key] = "something else";
        Refused($"{key} is \"something else\"", "supported");
        config[key] = new JsonObject { ["quant_method"] = "bitsandbytes" };
        Refused($"{key} is {{\"quant_method\":\"bitsandbytes\"}}");
        foreach (var accepted in ConfigReader.AcceptedAt[key])
        {
            config[key] = JsonValue.Create(accepted);
            Assert.Equal(2, Read().NLayers);
        }
    }

    public static TheoryData<string> InertKeys { get; } = [.. ConfigReader.Inert.Values.SelectMany(keys => keys)];

    [Theory]
    [MemberData(nameof(InertKeys))]
    public void An_inert_key_is_passed_over_whatever_its_value(string key)
    {
        config[key] = new JsonArray(1, "two");
        Assert.Equal(2, Read().NLayers);
    }

    [Fact]
    public void No_key_has_two_rules() => Assert.Empty(ConfigReader.AcceptedAt.Keys.Intersect(InertKeys.Select(row => row.Data)));

    [Fact]
    public void Unknown_keys_are_warned_of_by_name_and_value()
    {
        config["flux"] = 1.21;
        config["shiny"] = true;
        var (_, warnings) = ReadText(config.ToJsonString());
        Assert.Collection(
            warnings,
            warning => Assert.Contains("unknown key flux (1.21)", warning, StringComparison.Ordinal),
            warning => Assert.Contains("unknown key shiny (true)", warning, StringComparison.Ordinal));
    }

    [Fact]
    public void Llama_3_2_s_own_config_is_read_without_a_warning()
    {
        var (read, warnings) = ReadText(
            """
            {"architectures": ["LlamaForCausalLM"], "attention_bias": false, "attention_dropout": 0.0, "bos_token_id": 128000, "eos_token_id": 128001, "head_dim": 64,
             "hidden_act": "silu", "hidden_size": 2048, "initializer_range": 0.02, "intermediate_size": 8192, "max_position_embeddings": 131072, "mlp_bias": false,
             "model_type": "llama", "num_attention_heads": 32, "num_hidden_layers": 16, "num_key_value_heads": 8, "pretraining_tp": 1, "rms_norm_eps": 1e-05,
             "rope_scaling": {"factor": 32.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0, "original_max_position_embeddings": 8192, "rope_type": "llama3"},
             "rope_theta": 500000.0, "tie_word_embeddings": true, "torch_dtype": "bfloat16", "transformers_version": "4.45.0.dev0", "use_cache": true, "vocab_size": 128256}
            """);
        Assert.Empty(warnings);
        Assert.Equal((16, 32, 8, 2048, 64, 8192, 128256), (read.NLayers, read.NHeads, read.NKeyValueHeads, read.DModel, read.DHead, read.DMlp, read.DVocab));
        Assert.Equal(new RopeConfig.Llama3(500000, 32, 1, 4, 8192), read.Rope);
    }

    [Fact]
    public void SmolLM2_s_own_config_is_read_without_a_warning()
    {
        var (read, warnings) = ConfigReader.Read(TestData.Golden("smollm2", "config.json"));
        Assert.Empty(warnings);
        Assert.Equal((30, 9, 3, 64, new RopeConfig.Plain(100000)), (read.NLayers, read.NHeads, read.NKeyValueHeads, read.DHead, read.Rope));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"model_type\": \"llama\",}")]
    [InlineData("{\"model_type\": \"llama\", \"model_type\": \"llama\"}")]
    [InlineData("{\"\\ud800\": 1}")]
    public void A_config_that_is_no_JSON_object_is_refused(string text) =>
        Assert.Contains("config.json' isn't", Assert.Throws<PatchKernelException>(() => ReadText(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_broken_config_is_refused_with_line_and_column() => Assert.Contains(
        "line 2, column 17", Assert.Throws<PatchKernelException>(() => ReadText("{\n  \"model_type\": llama\n}")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_byte_order_mark_is_no_obstacle() => Assert.Equal(2, ReadText("\uFEFF" + config.ToJsonString()).Config.NLayers);
}
