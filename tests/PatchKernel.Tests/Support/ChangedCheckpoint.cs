using System.Text.Json.Nodes;
using PatchKernel.Safetensors;
using TorchSharp;

namespace PatchKernel.Tests;

/// <summary>A tiny checkpoint whose tensors and settings a test changes, in a folder that goes away.</summary>
internal sealed class ChangedCheckpoint : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = torch.NewDisposeScope();

    /// <param name="source">The checkpoint's folder, with one file of weights.</param>
    public ChangedCheckpoint(string source)
    {
        Config = JsonNode.Parse(File.ReadAllText(Path.Combine(source, "config.json")))!.AsObject();
        using var file = SafetensorsFile.Open(Path.Combine(source, "model.safetensors"));
        foreach (var name in file.Tensors.Keys) Tensors.Add(name, file.Read(name));
    }

    /// <summary>The config.json.</summary>
    public JsonObject Config { get; }

    /// <summary>The tensors, by name.</summary>
    public Dictionary<string, torch.Tensor> Tensors { get; } = [];

    /// <summary>Gives every tensor another name.</summary>
    public void Rename(Func<string, string> name)
    {
        foreach (var (before, tensor) in Tensors.ToList())
        {
            Tensors.Remove(before);
            Tensors.Add(name(before), tensor);
        }
    }

    /// <summary>Writes all of it.</summary>
    /// <returns>The folder.</returns>
    public string Write()
    {
        File.WriteAllText(folder.File("config.json"), Config.ToJsonString());
        SafetensorsWriter.Write(folder.File("model.safetensors"), Tensors);
        return folder.Path;
    }

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }
}
