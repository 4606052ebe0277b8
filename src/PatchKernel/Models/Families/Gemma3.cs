namespace PatchKernel.Models;

/// <summary>Gemma 3, text alone: five layers with a window and a rotary embedding of their own, then one without; Gemma team 2025, arXiv:2503.19786.</summary>
internal sealed class Gemma3 : GemmaLike
{
    private const string NewerPattern = "_sliding_window_pattern";
    private const int DefaultPattern = 6, DefaultWindow = 4096;
    private const double DefaultLocalTheta = 10_000;

    public override string ModelType => "gemma3_text";

    public override string? Architecture => "gemma3";

    public override string ClassName => "Gemma3";

    protected override string BaseClass => "Gemma3TextModel";

    protected override int DefaultPositions => 131_072;

    protected override double DefaultTheta => 1_000_000;

    protected override int LargestLayers => 62;

    protected override RopeDefaults RopeDefaults(int positions, int width) => base.RopeDefaults(positions, width) with { ByLayerType = true };

    public override PartList PartsOf(ModelConfig shape) => base.PartsOf(shape) with { QueryKeyNorm = QueryKeyNorm.EachHead };

    protected override ModelConfig Complete(ModelConfig common, ConfigSection section, List<string> warnings)
    {
        var pattern = section.Size("sliding_window_pattern", fallback: section.Size(NewerPattern, fallback: DefaultPattern));
        if (section.Size(NewerPattern, fallback: pattern) != pattern) throw section.Wrong(NewerPattern, "its older spelling sliding_window_pattern is another: remove one of the two");
        var defaults = RopeDefaults(common.MaxPositions, common.DHead) with { Theta = DefaultLocalTheta };
        var local = RopeReader.OfLayers(section, "sliding_attention", defaults, warnings)
            ?? new RopeConfig.Plain(section.Positive("rope_local_base_freq", DefaultLocalTheta, least: 1));
        var config = common with { Parts = Scored(common.Parts, section, scoreCap: null, logitCap: null) };
        return WithLayers(config, section.Window(DefaultWindow), pattern, local, section);
    }

    public override ModelConfig Complete(ModelConfig common, GgufSection section) => WithLayers(
        base.Complete(common, section), section.Size("attention.sliding_window"), DefaultPattern,
        new RopeConfig.Plain(section.Positive("rope.freq_base_swa", DefaultLocalTheta, least: 1)), section: null);

    private static ModelConfig WithLayers(ModelConfig config, int? window, int pattern, RopeConfig local, ConfigSection? section)
    {
        var slides = LayerWindows.Sliding(config, layer => (layer + 1) % pattern != 0, section);
        return config.WithWindow(window, layer => slides[layer], section: null, layer => slides[layer] ? local : config.Rope);
    }

    protected override IEnumerable<ModelNode> AttentionNodes(TreeNodes nodes) => WithHeadNorms(nodes, base.AttentionNodes(nodes));
}

internal static partial class FamilyTable
{
    private static Family NewGemma3 => new Gemma3();
}
