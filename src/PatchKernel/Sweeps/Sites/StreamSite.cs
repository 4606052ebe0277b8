using static TorchSharp.torch;

namespace PatchKernel;

/// <summary>A site of one vector a position: a cell replaces it at one position.</summary>
internal abstract class StreamSite : Site
{
    public sealed override IReadOnlyList<string> Axes { get; } = ["layer", "pos"];

    /// <summary>What the rows have at <see cref="Site.Stage"/>, [positions, width], from <see cref="First"/> on.</summary>
    protected abstract Tensor Changed(LayerView layer, int first);

    public sealed override IEnumerable<RowStart> Starts(LayerView layer)
    {
        var first = First(layer);
        int[] positions = [.. Enumerable.Range(first, layer.Length - first)];
        if (positions.Length > 0) yield return new RowStart(positions, positions, Changed(layer, first).unsqueeze(1));
    }

    // Of the last layer's output only the last position is read; its input is read everywhere.
    private int First(LayerView layer) => Stage == Stage.Block ? layer.First : Math.Max(layer.First, layer.QueryStart);
}
