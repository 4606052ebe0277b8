using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>Attention patterns: a cell replaces one head's whole pattern, or one query row of it.</summary>
internal sealed class PatternSite(bool eachPosition) : QuerySideSite(eachPosition)
{
    public override Activation Activation => Activation.Pattern;
    public override IReadOnlyList<string> Axes { get; } = eachPosition ? ["layer", "head", "query_pos"] : ["layer", "head"];
    protected override int CellOf(int pos, int head, LayerView layer) => head * layer.Length + pos;

    protected override Tensor PatchedZ(LayerView layer, int first)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(layer.Mix(layer.Source(Activation.Pattern, first), layer.Base(Activation.V, 0)));
    }
}
