using System.Collections;

namespace PatchKernel;

/// <summary>The cells of a grid of your own, for <c>Sweep.Each</c>; some of them can be picked by LINQ's <c>Where</c>.</summary>
public sealed class SweepGrid : IReadOnlyList<GridCell>
{
    private const int MostCells = 10_000_000;

    /// <summary>A grid of any axes.</summary>
    /// <param name="axes">Name and size of each axis, outermost first; <c>layer</c>, <c>pos</c> and <c>head</c> are drawn as such.</param>
    /// <exception cref="PatchKernelException">There is no axis, one is empty, two have one name, or there are more cells than a result holds.</exception>
    public SweepGrid(params IReadOnlyList<(string Name, int Size)> axes)
    {
        if (axes.Count == 0) throw new PatchKernelException("A grid needs an axis; give at least one, such as (\"layer\", 8).");
        if (axes.FirstOrDefault(axis => axis.Size < 1 || string.IsNullOrEmpty(axis.Name)) is { } empty && empty != default)
            throw new PatchKernelException($"A grid's axis needs a name and a size from 1 on, and this is ({empty.Name}, {empty.Size}).");
        if (axes.GroupBy(axis => axis.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new PatchKernelException($"The grid has the axis '{twice.Key}' twice; give each a name of its own.");
        (Axes, Shape) = ([.. axes.Select(axis => axis.Name)], [.. axes.Select(axis => axis.Size)]);
        var cells = Shape.Aggregate(1.0, (product, size) => product * size);
        Count = cells <= MostCells ? (int)cells : throw new PatchKernelException(FormattableString.Invariant($"A grid holds {MostCells:N0} cells at most, and this has {cells:N0}; take fewer."));
    }

    /// <summary>Every layer and position of a pair's prompts.</summary>
    public static SweepGrid Of(LanguageModel model, PromptPair pair) => new(("layer", model.Config.NLayers), ("pos", pair.Clean.Length));

    /// <summary>Every layer and query head.</summary>
    public static SweepGrid OfHeads(LanguageModel model) => new(("layer", model.Config.NLayers), ("head", model.Config.NHeads));

    /// <summary>The axes' names, outermost first.</summary>
    public IReadOnlyList<string> Axes { get; }

    /// <summary>The size along each axis.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>Number of cells.</summary>
    public int Count { get; }

    /// <summary>A cell by its flat, row-major index.</summary>
    public GridCell this[int index] => index >= 0 && index < Count ? new(this, index) : throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>Every cell, the last axis fastest.</summary>
    public IEnumerator<GridCell> GetEnumerator()
    {
        for (var index = 0; index < Count; index++) yield return new(this, index);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Where a flat, row-major index is along each axis.</summary>
    internal static int[] IndexOf(int cell, IReadOnlyList<int> shape)
    {
        var index = new int[shape.Count];
        for (var axis = shape.Count - 1; axis >= 0; axis--) (cell, index[axis]) = Math.DivRem(cell, shape[axis]);
        return index;
    }
}

/// <summary>One cell of a grid.</summary>
/// <param name="Grid">The grid.</param>
/// <param name="Index">Its flat, row-major index.</param>
public readonly record struct GridCell(SweepGrid Grid, int Index)
{
    /// <summary>Where it is along the axis <c>layer</c>.</summary>
    public int Layer => this["layer"];

    /// <summary>Where it is along the axis <c>pos</c>.</summary>
    public int Pos => this["pos"];

    /// <summary>Where it is along the axis <c>head</c>.</summary>
    public int Head => this["head"];

    /// <summary>Where it is along an axis.</summary>
    /// <exception cref="PatchKernelException">The grid has no such axis.</exception>
    public int this[string axis]
    {
        get
        {
            var at = Grid.Axes.ToList().IndexOf(axis);
            return at >= 0 ? SweepGrid.IndexOf(Index, Grid.Shape)[at]
                : throw new PatchKernelException($"The grid has no axis '{axis}'; it has {string.Join(", ", Grid.Axes)}.");
        }
    }

    /// <summary>Each axis and where it is, such as <c>layer 2, pos 15</c>.</summary>
    public override string ToString() => string.Join(", ", Grid.Axes.Zip(SweepGrid.IndexOf(Index, Grid.Shape), (axis, at) => $"{axis} {at}"));
}
