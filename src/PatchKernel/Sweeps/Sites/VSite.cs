using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Values.</summary>
internal sealed class VSite(bool eachPosition) : KeySideSite(eachPosition)
{
    public override Activation Activation => Activation.V;

    public override bool Reads(Activation activation) => activation is Activation.V or Activation.Pattern;

    protected override Tensor PatchedZ(LayerView layer, int patched, int count, int first)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(layer.Mix(layer.Base(Activation.Pattern, first), Replaced(layer, Activation.V, patched, count)));
    }
}
