using System.Text.Json.Nodes;

namespace PatchKernel.Tests;

/// <summary>A copy of a small model with a token a byte, "hi" (258), "&lt;s&gt;" (0) in front and "&lt;/s&gt;" (1), whose files a test can spoil.</summary>
internal sealed class BytesModel : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public BytesModel()
    {
        var source = TestData.InRepository("tests", "PatchKernel.Tests", "Data", "cases", "bytes");
        foreach (var file in Directory.EnumerateFiles(source)) System.IO.File.Copy(file, folder.File(System.IO.Path.GetFileName(file)));
    }

    public string Path => folder.Path;

    public string File(string name) => folder.File(name);

    /// <summary>Writes a file beside the model's.</summary>
    public BytesModel With(string name, string content)
    {
        System.IO.File.WriteAllText(File(name), content);
        return this;
    }

    /// <summary>Changes tokenizer.json: a part's path, with dots, and its JSON; null takes it away.</summary>
    public BytesModel Edit(string path, string? json)
    {
        var root = JsonNode.Parse(System.IO.File.ReadAllText(File("tokenizer.json")))!.AsObject();
        var keys = path.Split('.');
        var part = keys[..^1].Aggregate(root, (node, key) => node[key]!.AsObject());
        if (json is null) part.Remove(keys[^1]);
        else part[keys[^1]] = JsonNode.Parse(json);
        return With("tokenizer.json", root.ToJsonString());
    }

    /// <summary>Takes the template with its "&lt;s&gt;" away.</summary>
    public BytesModel WithoutBos() => Edit("post_processor", "null");

    /// <summary>The warnings of the checkpoint, which doesn't load the tokenizer for them, and which are the tokenizer's own.</summary>
    public IReadOnlyList<string> Warnings()
    {
        using var checkpoint = Checkpoint.Open(Path);
        var warnings = checkpoint.Warnings;
        Assert.Equal(Tokenizer.Load(Path).Warnings, warnings);
        Assert.True(checkpoint.HasTokenizer);
        Assert.Equal(warnings, checkpoint.Warnings);
        return warnings;
    }

    public void Dispose() => folder.Dispose();
}
