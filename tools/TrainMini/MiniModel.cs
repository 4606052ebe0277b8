namespace PatchKernel.TrainMini;

/// <summary>The model's shape: 1.23 million parameters, eight layers so that a circuit has room to show.</summary>
internal static class MiniModel
{
    private const double RopeTheta = 10000;
    private static readonly string[] Architectures = ["LlamaForCausalLM"];

    /// <summary>The configuration for a vocabulary.</summary>
    public static ModelConfig Config(int vocabulary) => new()
    {
        NLayers = 8,
        NHeads = 4,
        NKeyValueHeads = 2,
        DModel = 128,
        DHead = 32,
        DMlp = 256,
        DVocab = vocabulary,
        NormEpsilon = 1e-5,
        Rope = new RopeConfig.Plain(RopeTheta),
        TiedEmbeddings = true,
        MaxPositions = 64,
    };

    /// <summary>Writes config.json as transformers spells it.</summary>
    public static void WriteConfig(string folder, ModelConfig config) => TokenizerWriter.WriteJson(folder, "config.json", new
    {
        architectures = Architectures,
        model_type = "llama",
        vocab_size = config.DVocab,
        hidden_size = config.DModel,
        intermediate_size = config.DMlp,
        num_hidden_layers = config.NLayers,
        num_attention_heads = config.NHeads,
        num_key_value_heads = config.NKeyValueHeads,
        head_dim = config.DHead,
        hidden_act = "silu",
        max_position_embeddings = config.MaxPositions,
        rms_norm_eps = config.NormEpsilon,
        rope_theta = RopeTheta,
        rope_scaling = (object?)null,
        tie_word_embeddings = config.TiedEmbeddings,
        attention_bias = config.Biases.HasFlag(Matrices.Attention),
        mlp_bias = config.Biases.HasFlag(Matrices.Mlp),
        bos_token_id = 0,
        eos_token_id = (int?)null,
        torch_dtype = "bfloat16",
    });
}
