namespace PatchKernel.Tests.Models;

public sealed class ModelTreeTests
{
    private static readonly ModelConfig OneBillion = new()
    {
        NLayers = 16,
        NHeads = 32,
        NKeyValueHeads = 8,
        DModel = 2048,
        DHead = 64,
        DMlp = 8192,
        DVocab = 128256,
        NormEpsilon = 1e-5,
        Rope = new RopeConfig.Llama3(500000, 32, 1, 4, 8192),
        TiedEmbeddings = true,
        MaxPositions = 131072,
    };

    [Fact]
    public void A_config_prints_as_pytorch_prints_the_model() => Assert.Equal(
        """
        LlamaForCausalLM(
          (model): LlamaModel(
            (embed_tokens): Embedding(128256, 2048)
            (layers): ModuleList(
              (0-15): 16 x LlamaDecoderLayer(
                (self_attn): LlamaAttention(
                  (q_proj): Linear(in_features=2048, out_features=2048, bias=False)
                  (k_proj): Linear(in_features=2048, out_features=512, bias=False)
                  (v_proj): Linear(in_features=2048, out_features=512, bias=False)
                  (o_proj): Linear(in_features=2048, out_features=2048, bias=False)
                )
                (mlp): LlamaMLP(
                  (gate_proj): Linear(in_features=2048, out_features=8192, bias=False)
                  (up_proj): Linear(in_features=2048, out_features=8192, bias=False)
                  (down_proj): Linear(in_features=8192, out_features=2048, bias=False)
                  (act_fn): SiLUActivation()
                )
                (input_layernorm): LlamaRMSNorm((2048,), eps=1e-05)
                (post_attention_layernorm): LlamaRMSNorm((2048,), eps=1e-05)
              )
            )
            (norm): LlamaRMSNorm((2048,), eps=1e-05)
            (rotary_emb): LlamaRotaryEmbedding()
          )
          (lm_head): Linear(in_features=2048, out_features=128256, bias=False)
        )
        """.ReplaceLineEndings("\n"),
        ModelTree.Of(OneBillion).ToString());

    [Fact]
    public void Tied_embeddings_count_once()
    {
        Assert.Equal(1_235_814_400, ModelTree.Of(OneBillion).Parameters);
        Assert.Equal(1_235_814_400 + 128256L * 2048, ModelTree.Of(OneBillion with { TiedEmbeddings = false }).Parameters);
    }

    [Fact]
    public void Biases_show_where_the_config_has_them()
    {
        var tree = ModelTree.Of(OneBillion with { Biases = Matrices.Attention, NLayers = 1 }).ToString();
        Assert.Contains("(0): LlamaDecoderLayer(", tree, StringComparison.Ordinal);
        Assert.Contains("(o_proj): Linear(in_features=2048, out_features=2048, bias=True)", tree, StringComparison.Ordinal);
        Assert.Contains("(up_proj): Linear(in_features=2048, out_features=8192, bias=False)", tree, StringComparison.Ordinal);
    }
}
