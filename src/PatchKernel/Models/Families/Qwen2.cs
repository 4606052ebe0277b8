namespace PatchKernel.Models;

/// <summary>Qwen 2 and 2.5; Yang et al. 2024, arXiv:2407.10671.</summary>
internal sealed class Qwen2 : LlamaLike
{
    public override string ModelType => "qwen2";

    public override string ClassName => "Qwen2";

    protected override int DefaultPositions => 32_768;

    public override IReadOnlyDictionary<string, object[]> AcceptedAt { get; } = new Dictionary<string, object[]>
    {
        ["attention_bias"] = [true, false], // its biases are the same either way
        ["use_mrope"] = [false],
    };

    public override Matrices GgufBiases => Matrices.Query | Matrices.Key | Matrices.Value;

    protected override Matrices BiasesOf(ConfigSection section) => GgufBiases;

    protected override ModelConfig Complete(ModelConfig common, ConfigSection section, List<string> warnings) => WithLateWindow(common, section);

    /// <summary>A window where use_sliding_window says so, from layer max_window_layers on.</summary>
    public static ModelConfig WithLateWindow(ModelConfig common, ConfigSection section)
    {
        var window = section.Window(absent: 4096);
        var from = section.Find("max_window_layers")?.Whole(0, int.MaxValue) ?? 28;
        return common.WithWindow(section.Flag("use_sliding_window", fallback: false) ? window : null, layer => layer >= from, section);
    }
}

internal static partial class FamilyTable
{
    private static Family NewQwen2 => new Qwen2();
}
