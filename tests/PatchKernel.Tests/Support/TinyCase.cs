using System.Text.Json;

namespace PatchKernel.Tests;

/// <summary>A random checkpoint of about 100,000 parameters with Hugging Face's numbers for it.</summary>
internal sealed class TinyCase : IDisposable
{
    private static readonly string[] InRepository = ["head-dim-and-biases", "llama3.2-tied-gqa-rope3", "sharded-bf16"];
    private static readonly string[] BesideIt = ["float16", "linear-rope", "llama2-mha-untied"];

    public static TheoryData<string> All { get; } = [.. InRepository, .. BesideIt];

    public TinyCase(string name)
    {
        var folder = InRepository.Contains(name) ? TestData.InRepository("tests", "PatchKernel.Tests", "Data", "tiny", name) : TestData.Golden("oracle", "tiny", name);
        Arrays = new GoldenArrays(Path.Combine(folder, "golden.safetensors"));
        Facts = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "golden.json"))).RootElement;
        Model = Llama.Load(folder, device: "cpu");
        Pair = new PromptPair(
            name, Prompt.FromIds(Arrays.Ids("clean_ids")), Prompt.FromIds(Arrays.Ids("corrupt_ids")),
            new Target(Facts.GetProperty("clean_target").GetInt32(), null), new Target(Facts.GetProperty("corrupt_target").GetInt32(), null));
    }

    public GoldenArrays Arrays { get; }

    public JsonElement Facts { get; }

    public Llama Model { get; }

    public PromptPair Pair { get; }

    public void Dispose() => Model.Dispose();
}
