namespace PatchKernel.Models;

/// <summary>Llama 1 to 3.3, and what has its architecture: TinyLlama, SmolLM, SmolLM2, Yi …; Touvron et al. 2023, arXiv:2302.13971; Dubey et al. 2024, arXiv:2407.21783.</summary>
internal sealed class Llama : LlamaLike
{
    public override string ModelType => "llama";

    public override string ClassName => "Llama";

    protected override bool DerivesKeyValueHeads => true;

    public override TensorLayout Gguf => TensorLayout.Gguf.Each(slot => slot is Slot.Query or Slot.Key, stored => stored with { Interleaved = true });

    protected override Matrices BiasesOf(ConfigSection section) =>
        base.BiasesOf(section) | (section.Flag("mlp_bias", fallback: false) ? Matrices.Mlp : Matrices.None);
}

internal static partial class FamilyTable
{
    private static Family NewLlama => new Llama();
}
