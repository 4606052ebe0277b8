using static TorchSharp.torch;

namespace PatchKernel.Activations;

/// <summary>A tap that sees nothing.</summary>
internal sealed class NoTap : ITap
{
    public static NoTap Instance { get; } = new();

    public bool Wants(Activation activation, int layer) => false;

    public Tensor Visit(Activation activation, int layer, Tensor value) => value;
}
