namespace PatchKernel.Tests.Files;

/// <summary>Folders that aren't a model's as the hub stores them: named for what they are, with what to do.</summary>
public sealed class OtherFolderTests : IDisposable
{
    private readonly CheckpointFolder folder = new();

    public void Dispose() => folder.Dispose();

    private void Write(string names)
    {
        foreach (var name in names.Split(' ')) File.WriteAllText(folder.File(name), "");
    }

    [Theory]
    [InlineData("params.json consolidated.00.pth tokenizer.model", "is in Meta's or Mistral's own layout (params.json)")]
    [InlineData("params.json consolidated.safetensors", "is in Meta's or Mistral's own layout (params.json)")]
    [InlineData("small-Q4_K_M.gguf small-Q8_0.gguf", "has no config.json but small-Q4_K_M.gguf: give that file's own path")]
    [InlineData("model.onnx", "has no config.json: it has model.onnx, which isn't read here")]
    [InlineData("model.zip", "it has model.zip, which isn't read here")]
    [InlineData("pytorch_model.bin", "it has pytorch_model.bin; save the model as safetensors")]
    [InlineData("model.safetensors.part", "model.safetensors.part is a download that didn't end")]
    [InlineData("notes.txt", "has no config.json: it isn't a model folder")]
    public void Without_a_config(string names, string said)
    {
        File.Delete(folder.File("config.json"));
        Write(names);
        Assert.StartsWith($"'{folder.Path}' ", folder.Refusal(), StringComparison.Ordinal);
        Assert.Contains(said, folder.Refusal(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pytorch_model.bin", "has no model.safetensors: it has pytorch_model.bin; save the model as safetensors, since a .bin can run code")]
    [InlineData("consolidated.00.pth", "a .pth can run code")]
    [InlineData("model.pt", "a .pt can run code")]
    [InlineData("model.ckpt", "a .ckpt can run code")]
    [InlineData("model.onnx", "it has model.onnx, which isn't read here; get the model as safetensors")]
    [InlineData("tf_model.h5", "it has tf_model.h5, which isn't read here")]
    [InlineData("flax_model.msgpack", "it has flax_model.msgpack")]
    [InlineData("model.safetensors.crdownload", "model.safetensors.crdownload is a download that didn't end")]
    [InlineData("0123.incomplete pytorch_model.bin", "0123.incomplete is a download that didn't end")]
    [InlineData("small.gguf", "has no model.safetensors but small.gguf: give that file's own path")]
    [InlineData("model-00001-of-00002.safetensors model-00002-of-00002.safetensors", "but no model.safetensors.index.json, which says what lies where: get it too")]
    [InlineData("consolidated.safetensors", "has consolidated.safetensors, but weights are looked for in model.safetensors")]
    public void Without_weights(string names, string said)
    {
        Write(names);
        Assert.StartsWith($"'{folder.Path}' ", folder.Refusal(), StringComparison.Ordinal);
        Assert.Contains(said, folder.Refusal(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_adapter_names_the_model_that_it_is_for(bool config)
    {
        if (!config) File.Delete(folder.File("config.json"));
        Write("adapter_model.safetensors");
        File.WriteAllText(folder.File("adapter_config.json"), """{"base_model_name_or_path": "TinyLlama/TinyLlama-1.1B-Chat-v1.0", "peft_type": "LORA"}""");
        Assert.Equal(
            $"'{folder.Path}' is a LoRA adapter of TinyLlama/TinyLlama-1.1B-Chat-v1.0 (adapter_config.json), not a model: merge it into that model first, and give the result.",
            folder.Refusal());
        File.WriteAllText(folder.File("adapter_config.json"), """{"base_model_name_or_path": null}""");
        Assert.Contains("is a LoRA adapter (adapter_config.json)", folder.Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_merged_model_beside_its_adapter_s_config_opens()
    {
        File.WriteAllText(folder.File("adapter_config.json"), "{}");
        folder.WriteTensors(folder.Wanted());
        using var checkpoint = Checkpoint.Open(folder.Path);
        Assert.Equal(2, checkpoint.Config.NLayers);
    }
}
