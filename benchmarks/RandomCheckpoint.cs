using System.Globalization;
using PatchKernel.Models;
using PatchKernel.Safetensors;
using TorchSharp;

namespace PatchKernel.Benchmarks;

/// <summary>A checkpoint folder of a shape, without a tokenizer, filled with random weights.</summary>
internal static class RandomCheckpoint
{
    public static void Write(string folder, ModelConfig config)
    {
        File.WriteAllText(Path.Combine(folder, "config.json"), string.Create(CultureInfo.InvariantCulture, $$"""
            {"model_type": "llama", "hidden_act": "silu", "num_hidden_layers": {{config.NLayers}}, "num_attention_heads": {{config.NHeads}},
             "num_key_value_heads": {{config.NKeyValueHeads}}, "hidden_size": {{config.DModel}}, "intermediate_size": {{config.DMlp}},
             "vocab_size": {{config.DVocab}}, "rms_norm_eps": 1e-5, "rope_theta": 500000, "tie_word_embeddings": {{(config.TiedEmbeddings ? "true" : "false")}},
             "max_position_embeddings": {{config.MaxPositions}}}
            """));
        using var scope = torch.NewDisposeScope();
        using var generator = torch.random.manual_seed(0);
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), WeightLayout.All(config).ToDictionary(weight => weight.Key, Shape.Random));
    }
}
