using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Several taps, one after another: each sees what the one before it left.</summary>
internal sealed class TapSequence(params IReadOnlyList<ITap> taps) : ITap
{
    public bool Wants(Activation activation, int layer) => taps.Any(tap => tap.Wants(activation, layer));

    public void Begin(RunShape run)
    {
        foreach (var tap in taps) tap.Begin(run);
    }

    public Tensor Visit(Activation activation, int layer, Tensor value)
    {
        foreach (var tap in taps) value = tap.Visit(activation, layer, value);
        return value;
    }
}

/// <summary>Adds noise to the embeddings.</summary>
/// <param name="noise">[pos, d_model]; the caller's to dispose.</param>
internal sealed class EmbeddingNoise(Tensor noise) : ITap
{
    public bool Wants(Activation activation, int layer) => activation == Activation.Embed;

    public Tensor Visit(Activation activation, int layer, Tensor value) => activation == Activation.Embed ? value.Plus(noise) : value;
}
