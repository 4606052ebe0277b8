using PatchKernel.Models;
using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>Adds noise to the embeddings.</summary>
/// <param name="noise">[pos, d_model]; the caller's to dispose.</param>
internal sealed class EmbeddingNoise(Tensor noise) : ITap
{
    public bool Wants(Activation activation, int layer) => activation == Activation.Embed;

    public Tensor Visit(Activation activation, int layer, Tensor value) => activation == Activation.Embed ? value.Plus(noise) : value;
}
