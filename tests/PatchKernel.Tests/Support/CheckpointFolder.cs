using System.Text.Json.Nodes;
using PatchKernel.Models;

namespace PatchKernel.Tests;

/// <summary>A checkpoint folder of zeros that a test can spoil.</summary>
internal sealed class CheckpointFolder : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public CheckpointFolder() => WriteConfig(SmallConfig());

    public string Path => folder.Path;

    public string File(string name) => folder.File(name);

    /// <summary>A small Llama's config.json: 2 layers, 4 heads over 2, untied.</summary>
    public static JsonObject SmallConfig() => new()
    {
        ["model_type"] = "llama",
        ["hidden_size"] = 8,
        ["intermediate_size"] = 12,
        ["num_hidden_layers"] = 2,
        ["num_attention_heads"] = 4,
        ["num_key_value_heads"] = 2,
        ["vocab_size"] = 10,
        ["max_position_embeddings"] = 64,
    };

    public void WriteConfig(JsonObject config) => System.IO.File.WriteAllText(File("config.json"), config.ToJsonString());

    /// <summary>What the folder's config asks for, float32, by name; change it and write it.</summary>
    public Dictionary<string, (string Dtype, int BytesEach, long[] Shape)> Wanted() =>
        WeightLayout.All(ConfigReader.Read(File("config.json")).Config).ToDictionary(weight => weight.Key, weight => ("F32", 4, weight.Shape));

    public void WriteTensors(Dictionary<string, (string Dtype, int BytesEach, long[] Shape)> tensors, string name = "model.safetensors")
    {
        var builder = new SafetensorsBuilder();
        foreach (var (key, (dtype, bytesEach, shape)) in tensors) builder.AddZeros(key, dtype, bytesEach, shape);
        System.IO.File.WriteAllBytes(File(name), builder.Build());
    }

    public void WriteIndex(IEnumerable<(string Tensor, string Shard)> map) =>
        System.IO.File.WriteAllText(File("model.safetensors.index.json"), new JsonObject
        {
            ["metadata"] = new JsonObject { ["total_size"] = 0 },
            ["weight_map"] = new JsonObject(map.Select(entry => KeyValuePair.Create(entry.Tensor, (JsonNode?)entry.Shard))),
        }.ToJsonString());

    /// <summary>The sentence with which the folder is refused.</summary>
    public string Refusal() => Assert.Throws<PatchKernelException>(() => Checkpoint.Open(Path)).Message;

    public void Dispose() => folder.Dispose();
}
