using System.Text.Json.Nodes;
using PatchKernel.Models;

namespace PatchKernel.Tests.Checkpoints;

/// <summary>A small Llama's config.json that a test can change.</summary>
public abstract class ConfigTest : IDisposable
{
    private protected readonly TemporaryFolder folder = new();
    private protected readonly JsonObject config = CheckpointFolder.SmallConfig();

    public void Dispose()
    {
        folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected (ModelConfig Config, IReadOnlyList<string> Warnings) ReadText(string text)
    {
        File.WriteAllText(folder.File("config.json"), text);
        return ConfigReader.Read(folder.File("config.json"));
    }

    private protected ModelConfig Read()
    {
        var (read, warnings) = ReadText(config.ToJsonString());
        Assert.Empty(warnings);
        return read;
    }

    private protected void Refused(params string[] said) => Assert.All(
        [.. said, folder.File("config.json")],
        part => Assert.Contains(part, Assert.Throws<PatchKernelException>(() => ReadText(config.ToJsonString())).Message, StringComparison.Ordinal));

    private protected static JsonNode? Json(string text) => JsonNode.Parse(text);

    private protected void Add(string keys)
    {
        foreach (var (key, value) in Json(keys)!.AsObject()) config[key] = value?.DeepClone();
    }
}
