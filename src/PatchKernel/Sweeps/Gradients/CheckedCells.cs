namespace PatchKernel;

/// <summary>Cells of an estimate that were computed exactly too, by one pass through the layers for them alone.</summary>
public sealed record CheckedCells
{
    /// <summary>Those with the largest estimates, by the size of the first metric's change: flat indices into the grid.</summary>
    public required IReadOnlyList<int> Largest { get; init; }

    /// <summary>Some of the others that a patch can change, drawn at random.</summary>
    public required IReadOnlyList<int> Sample { get; init; }

    /// <summary>A metric's name and its exact number in each: in those of <see cref="Largest"/>, then in those of <see cref="Sample"/>.</summary>
    public required IReadOnlyDictionary<string, float[]> Values { get; init; }
}
