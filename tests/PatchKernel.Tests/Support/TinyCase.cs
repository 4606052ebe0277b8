using System.Text.Json;

namespace PatchKernel.Tests;

/// <summary>A random checkpoint of about 100,000 parameters with Hugging Face's numbers for it.</summary>
internal sealed class TinyCase : IDisposable
{
    private static readonly string[] InRepository = ["head-dim-and-biases", "llama3.2-tied-gqa-rope3", "sharded-bf16"];
    private static readonly string[] BesideIt = ["float16", "linear-rope", "llama2-mha-untied"];

    /// <summary>Of the other families, in the form in which the hub stores them.</summary>
    private static readonly string[] Families =
        ["gpt2", "pythia", "gemma2", "gemma3", "olmo2", "phi3", "phi3-longrope", "smollm3", "mistral-window", "qwen2", "qwen2-yarn", "qwen3", "llama-dynamic", "llama-yarn"];

    public static TheoryData<string> All { get; } = [.. InRepository, .. BesideIt, .. Families];

    public static TheoryData<string> OfFamilies { get; } = [.. Families];

    /// <summary>Those that are there as a GGUF file too; it has no place for the biases of the other one.</summary>
    public static TheoryData<string> AllGguf { get; } = [.. InRepository.Except(["head-dim-and-biases"]), .. BesideIt];

    /// <param name="name">The checkpoint's name.</param>
    /// <param name="gguf">Whether the model is read from its GGUF file instead of its folder.</param>
    public TinyCase(string name, bool gguf = false)
    {
        var folder = Folder(name);
        Arrays = new GoldenArrays(Path.Combine(folder, "golden.safetensors"));
        Facts = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "golden.json"))).RootElement;
        Model = LanguageModel.Load(gguf ? Gguf(name) : folder, device: "cpu");
        Pair = new PromptPair(
            name, Prompt.FromIds(Arrays.Ids("clean_ids")), Prompt.FromIds(Arrays.Ids("corrupt_ids")),
            new Target(Facts.GetProperty("clean_target").GetInt32(), null), new Target(Facts.GetProperty("corrupt_target").GetInt32(), null));
    }

    /// <summary>A tiny checkpoint's folder.</summary>
    public static string Folder(string name) =>
        InRepository.Contains(name) ? TestData.InRepository("tests", "PatchKernel.Tests", "Data", "tiny", name) : TestData.Golden("oracle", Families.Contains(name) ? "families" : "tiny", name);

    /// <summary>A tiny checkpoint's GGUF file.</summary>
    public static string Gguf(string name)
    {
        var inRepository = TestData.InRepository("tests", "PatchKernel.Tests", "Data", "gguf", $"{name}.gguf");
        return File.Exists(inRepository) ? inRepository : TestData.Golden("oracle", "gguf", $"{name}.gguf");
    }

    public GoldenArrays Arrays { get; }

    public JsonElement Facts { get; }

    public LanguageModel Model { get; }

    public PromptPair Pair { get; }

    public void Dispose() => Model.Dispose();
}
