using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>A site that every later position reads: a cell replaces one key/value head.</summary>
internal abstract class KeySideSite(bool eachPosition) : HeadSite(eachPosition)
{
    public sealed override int Heads(LlamaConfig config) => config.NKeyValueHeads;

    /// <summary>z with every head patched at the positions from <paramref name="patched"/> on, or at that one alone.</summary>
    /// <returns>[positions, n_heads, d_head], from <paramref name="first"/> on.</returns>
    protected abstract Tensor PatchedZ(LayerView layer, int patched, int count, int first);

    public sealed override IEnumerable<RowStart> Starts(LayerView layer)
    {
        var heads = Heads(layer.Config);
        for (var pos = layer.First; pos < layer.Length; pos++)
        {
            var first = Math.Max(pos, layer.QueryStart);
            var count = EachPosition ? 1 : layer.Length - pos;
            var patched = pos;
            int[] cells = [.. Enumerable.Range(0, heads).Select(head => CellOf(patched, head, layer))];
            if (cells.Any(layer.Wants))
                yield return new RowStart(cells, [.. Enumerable.Repeat(first, heads)], Stream(layer, PatchedZ(layer, patched, count, first), first));
            if (!EachPosition) yield break;
        }
    }

    /// <summary>The base run's values with some positions from the source, [pos, …].</summary>
    protected static Tensor Replaced(LayerView layer, Activation activation, int patched, int count)
    {
        using var scope = NewDisposeScope();
        var value = layer.Base(activation, 0).clone();
        value.narrow(0, patched, count).copy_(layer.Source(activation, patched).narrow(0, 0, count));
        return scope.MoveToOuter(value);
    }
}
