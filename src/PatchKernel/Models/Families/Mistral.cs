namespace PatchKernel.Models;

/// <summary>Mistral 7B and after; Jiang et al. 2023, arXiv:2310.06825. In GGUF files it is called llama.</summary>
internal sealed class Mistral : LlamaLike
{
    public override string ModelType => "mistral";

    public override string? Architecture => null;

    public override string ClassName => "Mistral";

    public override IReadOnlyDictionary<string, object[]> AcceptedAt { get; } = new Dictionary<string, object[]> { ["attention_bias"] = [false] };

    protected override int DefaultPositions => 131_072;

    protected override Matrices BiasesOf(ConfigSection section) => Matrices.None;

    protected override ModelConfig Complete(ModelConfig common, ConfigSection section, List<string> warnings) =>
        common.WithWindow(section.Window(absent: 4096), _ => true);
}

internal static partial class FamilyTable
{
    private static Family NewMistral => new Mistral();
}
