namespace PatchKernel.Models;

/// <summary>SmolLM3, some of whose layers don't turn; Hugging Face 2025; Yang et al. 2025, arXiv:2501.18795.</summary>
internal sealed class SmolLM3 : LlamaLike
{
    private const int DefaultInterval = 4;

    public override string ModelType => "smollm3";

    public override string ClassName => "SmolLM3";

    public override TensorLayout Gguf => Llama.Gguf;

    public override IReadOnlyList<string> Inert => ["max_window_layers"]; // Qwen's key: nothing reads it here

    protected override int DefaultPositions => 32_768;

    protected override double DefaultTheta => 2_000_000;

    protected override bool DefaultTied => true;

    protected override int? DefaultPadding => 128_004;

    protected override Matrices BiasesOf(ConfigSection section) =>
        base.BiasesOf(section) | (section.Flag("mlp_bias", fallback: false) ? Matrices.Mlp : Matrices.None);

    protected override ModelConfig Complete(ModelConfig common, ConfigSection section, List<string> warnings)
    {
        var interval = section.Size("no_rope_layer_interval", fallback: DefaultInterval);
        bool[] turn = section.Find("no_rope_layers") is { } list
            ? [.. list.AtMost(common.NLayers).Items().Select(item => item.Whole(0, 1) == 1)] // 1 where a layer has it, whatever the key's name says
            : Turning(common, interval);
        if (turn.Length != common.NLayers) throw section.Wrong("no_rope_layers", $"it must have {common.NLayers} entries, one a layer");
        var window = section.Window(absent: null);
        if (!section.Flag("use_sliding_window", fallback: false)) window = null;
        return common.WithWindow(window, layer => !turn[layer], section, layer => turn[layer] ? common.Rope : null);
    }

    /// <summary>llama.cpp has no key for it: each fourth layer has none.</summary>
    public override ModelConfig Complete(ModelConfig common, GgufSection section)
    {
        var turn = Turning(common, DefaultInterval);
        return base.Complete(common, section).WithWindow(null, _ => false, section: null, layer => turn[layer] ? common.Rope : null);
    }

    private static bool[] Turning(ModelConfig config, int interval) => [.. Enumerable.Range(1, config.NLayers).Select(number => number % interval != 0)];
}

internal static partial class FamilyTable
{
    private static Family NewSmolLM3 => new SmolLM3();
}
