using static TorchSharp.torch;

namespace PatchKernel.Sweeps;

/// <summary>The three ways in which rows start: one vector a position, a head's queries, a head's keys or values.</summary>
internal static class SiteStarts
{
    /// <summary>How the rows of one layer's cells start; a cell whose patch changes nothing has none.</summary>
    public delegate IEnumerable<RowStart> Starter(Site site, LayerView layer);

    /// <summary>A cell replaces one vector, or those of a role.</summary>
    /// <param name="changed">What the rows have at their stage from a position on, [pos, d_model].</param>
    public static Starter OfStream(Func<LayerView, int, Tensor> changed) => (site, layer) =>
    {
        // Of the last layer's output only the prompt's last position is read, and what is behind it; its input is read everywhere.
        var first = site.Stage == Stage.ResidPre ? layer.First : Math.Max(layer.First, layer.QueryStart);
        if (first >= layer.End) return [];
        int[] positions = [.. Enumerable.Range(first, layer.End - first)];
        var vectors = changed(layer, first).narrow(0, 0, positions.Length);
        return [site.EachPosition ? new RowStart(positions, positions, vectors.unsqueeze(1)) : new RowStart([0], [first], vectors.unsqueeze(0))];
    };

    /// <summary>A cell changes z at the patched position alone.</summary>
    /// <param name="patchedZ">z with every head patched at every position, from a position on, as <see cref="LayerView.OfEachHead"/> gives it.</param>
    public static Starter OfQueries(Func<LayerView, int, Tensor> patchedZ) => (site, layer) =>
    {
        var first = Math.Max(layer.First, layer.QueryStart);
        if (first >= layer.End) return [];
        var (positions, heads) = (layer.End - first, site.Heads(layer.Config));
        var stream = Stream(site, layer, patchedZ(layer, first), first).narrow(1, 0, positions); // [heads, positions, d_model]
        if (!site.EachPosition) return [new RowStart([.. Enumerable.Range(0, heads)], [.. Enumerable.Repeat(first, heads)], stream)];
        var rows = Enumerable.Range(0, positions * heads).Select(row => (Pos: first + row / heads, Head: row % heads)).ToList();
        return
        [
            new RowStart(
                [.. rows.Select(row => site.CellOf(row.Pos, row.Head, layer))], [.. rows.Select(row => row.Pos)],
                stream.transpose(0, 1).reshape(positions * heads, 1, -1)),
        ];
    };

    /// <summary>A cell replaces a key or a value, which every later position reads.</summary>
    /// <param name="patchedZ">z with other keys or values, [pos, n_kv_heads, d_head], from a position on, as <see cref="LayerView.OfEachHead"/> gives it.</param>
    public static Starter OfKeys(Func<LayerView, Tensor, int, Tensor> patchedZ) => (site, layer) => Keys(site, layer, patchedZ);

    private static IEnumerable<RowStart> Keys(Site site, LayerView layer, Func<LayerView, Tensor, int, Tensor> patchedZ)
    {
        var heads = site.Heads(layer.Config);
        for (var pos = layer.First; pos < layer.End; pos++)
        {
            var (first, patched) = (Math.Max(pos, layer.QueryStart), pos);
            var count = site.EachPosition ? 1 : layer.End - pos;
            int[] cells = [.. Enumerable.Range(0, heads).Select(head => site.CellOf(patched, head, layer))];
            if (cells.Any(layer.Wants))
            {
                var z = patchedZ(layer, layer.Replaced(site.Activation, patched, count), first);
                yield return new RowStart(cells, [.. Enumerable.Repeat(first, heads)], Stream(site, layer, z, first));
            }
            if (!site.EachPosition) yield break;
        }
    }

    /// <summary>The stream at the site's stage when z is another, for each of the site's heads by itself, [heads, positions, d_model].</summary>
    private static Tensor Stream(Site site, LayerView layer, Tensor z, int first) =>
        layer.StreamOfEachHead(site.Heads(layer.Config), z, first, apart: z.dim() == layer.Base(Activation.Z, first).dim());
}
