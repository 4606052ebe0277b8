namespace PatchKernel.Models;

/// <summary>Gemma 2: each other layer has a window, scores and logits are capped; Gemma team 2024, arXiv:2408.00118.</summary>
internal sealed class Gemma2 : GemmaLike
{
    private const double DefaultScoreCap = 50, DefaultLogitCap = 30;
    private const int DefaultWindow = 4096;

    public override string ModelType => "gemma2";

    public override string ClassName => "Gemma2";

    protected override int DefaultPositions => 8192;

    protected override int LargestLayers => 46;

    protected override ModelConfig Complete(ModelConfig common, ConfigSection section, List<string> warnings) =>
        (common with { Parts = Scored(common.Parts, section, DefaultScoreCap, DefaultLogitCap) }).WithWindow(section.Window(DefaultWindow), Slides, section);

    public override ModelConfig Complete(ModelConfig common, GgufSection section)
    {
        var config = base.Complete(common, section);
        var parts = config.Parts with
        {
            ScoreCap = section.Positive("attn_logit_softcapping", DefaultScoreCap),
            LogitCap = section.Positive("final_logit_softcapping", DefaultLogitCap),
        };
        return (config with { Parts = parts }).WithWindow(section.Size("attention.sliding_window", DefaultWindow), Slides);
    }

    private static bool Slides(int layer) => layer % 2 == 0;
}

internal static partial class FamilyTable
{
    private static Family NewGemma2 => new Gemma2();
}
