using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>A site that changes z at the patched position alone.</summary>
internal abstract class QuerySideSite(bool eachPosition) : HeadSite(eachPosition)
{
    /// <summary>z with every head patched at every position, [positions, n_heads, d_head], from <paramref name="first"/> on.</summary>
    protected abstract Tensor PatchedZ(LayerView layer, int first);

    public sealed override IEnumerable<RowStart> Starts(LayerView layer)
    {
        var first = Math.Max(layer.First, layer.QueryStart);
        if (first >= layer.Length) yield break;
        var (positions, heads) = (layer.Length - first, Heads(layer.Config));
        var stream = Stream(layer, PatchedZ(layer, first), first); // [heads, positions, d_model]
        if (!EachPosition)
        {
            yield return new RowStart([.. Enumerable.Range(0, heads)], [.. Enumerable.Repeat(first, heads)], stream);
            yield break;
        }
        var rows = Enumerable.Range(0, positions * heads).Select(row => (Pos: first + row / heads, Head: row % heads)).ToList();
        yield return new RowStart(
            [.. rows.Select(row => CellOf(row.Pos, row.Head, layer))], [.. rows.Select(row => row.Pos)], stream.transpose(0, 1).reshape(positions * heads, 1, -1));
    }
}
