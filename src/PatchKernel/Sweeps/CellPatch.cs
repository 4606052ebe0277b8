using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>The intervention of one cell, as a tap on a full forward pass: a patch in each layer of its window.</summary>
/// <param name="task">The sweep.</param>
/// <param name="cell">The cell.</param>
/// <param name="source">What is put in, for a layer; axes as at <see cref="Activation"/>, without batch.</param>
internal sealed class CellPatch(SweepTask task, Cell cell, Func<int, Tensor> source) : ITap
{
    public bool Wants(Activation activation, int layer) =>
        activation == task.Site.Activation && layer >= task.From(cell.Layer) && layer <= task.To(cell.Layer);

    public Tensor Visit(Activation activation, int layer, Tensor value)
    {
        if (!Wants(activation, layer)) return value;
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(new Patch(activation, layer, cell.Pos, source(layer).unsqueeze(0), cell.Head).Visit(activation, layer, value));
    }
}
